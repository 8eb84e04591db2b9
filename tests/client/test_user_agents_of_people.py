"""Real User-Agents: who is a person, on what; and who is a robot, of what name."""

from __future__ import annotations

import sys

import pytest

from app.client.bots import robot_reason
from app.client.useragent import Device, describe

# Type, system and its version, browser and its version; under it the User-Agent,
# broken at spaces. Televisions, consoles, cars and glasses have no type of their own.
PEOPLE = """
desktop | Windows | 10 | Chrome | 142
  Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)
  Chrome/142.0.0.0 Safari/537.36
desktop | Windows | 10 | Edge | 142
  Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)
  Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0
desktop | Windows | 10 | Edge | 17
  Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)
  Chrome/64.0.3282.140 Safari/537.36 Edge/17.17134
desktop | Windows | 10 | Opera | 125
  Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)
  Chrome/141.0.0.0 Safari/537.36 OPR/125.0.0.0
desktop | Windows | 10 | Vivaldi | 7.6
  Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)
  Chrome/140.0.0.0 Safari/537.36 Vivaldi/7.6.3797.58
desktop | Windows | 10 | Yandex Browser | 25.8
  Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)
  Chrome/140.0.0.0 YaBrowser/25.8.0.0 Safari/537.36
desktop | Windows | 10 | Brave | 80
  Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)
  Brave Chrome/80.0.3987.132 Safari/537.36
desktop | Windows | 10 | Firefox | 145
  Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0
desktop | Windows | 7 | IE | 11
  Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko
desktop | Windows | XP | IE | 8
  Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 5.1; Trident/4.0; .NET CLR
  2.0.50727)
desktop | Windows | 8 | IE | 10
  Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Win64; x64; Trident/6.0)
desktop | macOS | 10.15.7 | Safari | 18.6
  Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like
  Gecko) Version/18.6 Safari/605.1.15
desktop | macOS | 10.15 | Firefox | 145
  Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101
  Firefox/145.0
desktop | ChromeOS | 14541.0.0 | Chrome | 141
  Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko)
  Chrome/141.0.0.0 Safari/537.36
desktop | Linux | | Chrome | 142
  Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)
  Chrome/142.0.0.0 Safari/537.36
desktop | Windows | 10 | Electron | 27
  Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)
  Chrome/118.0.5993.159 Electron/27.1.3 Safari/537.36
desktop | Windows | 10 | Coc Coc | 126
  Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)
  coc_coc_browser/126.0.0 Chrome/120.0.0.0 Safari/537.36
desktop | Windows | 10 | Whale | 4
  Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)
  Chrome/136.0.0.0 Whale/4.32.315.22 Safari/537.36
desktop | Windows | 10 | QQ Browser | 12
  Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko)
  Chrome/94.0.4606.71 Safari/537.36 Core/1.94.218.400 QQBrowser/12.1.5496.400
mobile | iOS | 18.6 | Safari | 18.6
  Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15
  (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1
mobile | iOS | 18.6.2 | Chrome | 142
  Mozilla/5.0 (iPhone; CPU iPhone OS 18_6_2 like Mac OS X) AppleWebKit/605.1.15
  (KHTML, like Gecko) CriOS/142.0.7444.77 Mobile/15E148 Safari/604.1
mobile | iOS | 18.6 | Firefox | 145
  Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15
  (KHTML, like Gecko) FxiOS/145.0 Mobile/15E148 Safari/605.1.15
mobile | iOS | 18.6 | Edge | 141
  Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15
  (KHTML, like Gecko) Version/18.0 EdgiOS/141.0.3537.60 Mobile/15E148 Safari/604.1
mobile | iOS | 18.6 | Opera Touch | 6
  Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15
  (KHTML, like Gecko) OPT/6.0.1 Mobile/15E148
mobile | iOS | 17.5 | DuckDuckGo | 7
  Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15
  (KHTML, like Gecko) Version/17.5 Mobile/15E148 DuckDuckGo/7 Safari/605.1.15
mobile | iOS | 18.5 | Google | 380
  Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15
  (KHTML, like Gecko) GSA/380.0.794093105 Mobile/15E148 Safari/604.1
mobile | iOS | 17.6.1 | Facebook | 480
  Mozilla/5.0 (iPhone; CPU iPhone OS 17_6_1 like Mac OS X) AppleWebKit/605.1.15
  (KHTML, like Gecko) Mobile/21G93
  [FBAN/FBIOS;FBAV/480.0.0.28.106;FBBV/639212345;FBDV/iPhone14,5;FBMD/iPhone;FBSN/iOS;FBSV/17.6.1;FBSS/3;FBID/phone;FBLC/de_DE;FBOP/5;FBRV/0]
mobile | iOS | 18.3 | Instagram | 372
  Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15
  (KHTML, like Gecko) Mobile/22D63 Instagram 372.0.0.17.88 (iPhone15,3; iOS 18_3;
  en_US; en; scale=3.00; 1290x2796; 702841234)
mobile | iOS | 16.6 | WeChat | 8
  Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15
  (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.49(0x18003137) NetType/WIFI
  Language/zh_CN
mobile | iOS | 17.0 | Yandex Browser | 24.1
  Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15
  (KHTML, like Gecko) Version/17.0 YaBrowser/24.1.2.337.10 SA/3 Mobile/15E148
  Safari/604.1
mobile | iOS | 13.3.1 | Snapchat | 10
  Mozilla/5.0 (iPhone; CPU iPhone OS 13_3_1 like Mac OS X) AppleWebKit/605.1.15
  (KHTML, like Gecko) Version/13.0.5 Mobile/15E148 Snapchat/10.77.5.59 (like
  Safari/604.1)
tablet | iOS | 17.6 | Safari | 17.6
  Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like
  Gecko) Version/17.6 Mobile/15E148 Safari/604.1
tablet | iOS | 17.6 | Chrome | 128
  Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like
  Gecko) CriOS/128.0.6613.98 Mobile/15E148 Safari/604.1
mobile | iOS | 17.4.1 | Ecosia | 9
  Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15
  (KHTML, like Gecko) Version/17.4.1 Mobile/15E148 Safari/604.1 (Ecosia
  ios@9.2.3.1367)
mobile | iOS | 17.2.1 | Safari | 17.2
  Mozilla/5.0 (iPhone; CPU iPhone OS 17_2_1 like Mac OS X) AppleWebKit/605.1.15
  (KHTML, like Gecko) Version/17.2 Mobile/15E148 Safari/605.1 NAVER(inapp; search;
  2000; 12.3.6; 14PRO)
mobile | Android | 10 | Chrome | 142
  Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)
  Chrome/142.0.0.0 Mobile Safari/537.36
mobile | Android | 10 | Samsung Internet | 28.0
  Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)
  SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36
mobile | Android | 10 | Edge | 141
  Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)
  Chrome/141.0.0.0 Mobile Safari/537.36 EdgA/141.0.0.0
mobile | Android | 10 | Opera | 91
  Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)
  Chrome/139.0.0.0 Mobile Safari/537.36 OPR/91.0.0.0
mobile | Android | | Opera Mini | 12.0
  Opera/9.80 (Android; Opera Mini/12.0.1987/37.7327; U; pl) Presto/2.12.423
  Version/12.16
mobile | Android | 13 | UC Browser | 15.5
  Mozilla/5.0 (Linux; U; Android 13; en-US; RMX3085 Build/TP1A.220905.001)
  AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/100.0.4896.58
  UCBrowser/15.5.2.1322 Mobile Safari/537.36
mobile | Android | 9 | Chrome | 120
  Mozilla/5.0 (Linux; Android 9; CUBOT_X18_Plus Build/PPR1.180610.011)
  AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36
mobile | Android | 11 | Chrome | 109
  Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20 PRO) AppleWebKit/537.36 (KHTML, like
  Gecko) Chrome/109.0.0.0 Mobile Safari/537.36
mobile | Android | 14 | Facebook | 520
  Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A.231005.007; wv)
  AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/142.0.7444.102 Mobile
  Safari/537.36 [FB_IAB/FB4A;FBAV/520.0.0.44.99;]
mobile | Android | 15 | Instagram | 406
  Mozilla/5.0 (Linux; Android 15; CPH2557 Build/AP3A.240617.008; wv)
  AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/142.0.7444.142 Mobile
  Safari/537.36 Instagram 406.0.0.58.159 Android (35/15; 480dpi; 1080x2400; OPPO;
  CPH2557; OP5A07L1; qcom; en_GB; 818372)
mobile | Android | 13 | WhatsApp | 2
  Mozilla/5.0 (Linux; Android 13; Pixel 7 Build/TQ3A.230805.001; wv)
  AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.5845.163 Mobile
  Safari/537.36 WhatsApp/2.23.18.79
mobile | Android | 14 | DuckDuckGo | 5
  Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0
  Chrome/126.0.0.0 Mobile DuckDuckGo/5 Safari/537.36
mobile | Android | 11 | Yandex Browser | 22.95
  Mozilla/5.0 (Linux; arm_64; Android 11; Redmi Note 9S) AppleWebKit/537.36 (KHTML,
  like Gecko) Chrome/104.0.5112.124 YaApp_Android/22.95.1 YaSearchBrowser/22.95.1
  BroPP/1.0 SA/3 Mobile Safari/537.36
mobile | Android | 13 | Yandex Browser | 24.6
  Mozilla/5.0 (Linux; arm_64; Android 13; 22101316G) AppleWebKit/537.36 (KHTML, like
  Gecko) Chrome/124.0.0.0 YaBrowser/24.6.0.0 SA/3 Mobile Safari/537.36
mobile | Android | 15 | Firefox | 145
  Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0
tablet | Android | 13 | Firefox | 128
  Mozilla/5.0 (Android 13; Tablet; rv:128.0) Gecko/128.0 Firefox/128.0
tablet | Android | 10 | Chrome | 138
  Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)
  Chrome/138.0.0.0 Safari/537.36
tablet | Android | 13 | Chrome | 120
  Mozilla/5.0 (Linux; Android 13; SM-X706B) AppleWebKit/537.36 (KHTML, like Gecko)
  Chrome/120.0.0.0 Safari/537.36
tablet | Android | 9 | Amazon Silk | 108
  Mozilla/5.0 (Linux; Android 9; KFMAWI) AppleWebKit/537.36 (KHTML, like Gecko)
  Silk/108.4.6 like Chrome/108.0.5359.220 Safari/537.36
mobile | HarmonyOS | | Huawei Browser | 14
  Mozilla/5.0 (Linux; Android 12; HarmonyOS; TET-AN00; HMSCore 6.12.4.312)
  AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0.4844.88
  HuaweiBrowser/14.0.5.301 Mobile Safari/537.36
mobile | HarmonyOS | 5.0 | Huawei Browser | 5
  Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko)
  Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile HuaweiBrowser/5.0.4.300
mobile | Android | 13 | Mi Browser | 14
  Mozilla/5.0 (Linux; U; Android 13; en-us; 2201117TY Build/TKQ1.221114.001)
  AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/112.0.5615.136 Mobile
  Safari/537.36 XiaoMi/MiuiBrowser/14.4.0-g
mobile | Android | 6.0.1 | Vivo Browser | 5
  Mozilla/5.0 (Linux; Android 6.0.1; vivo 1606 Build/MMB29M; wv) AppleWebKit/537.36
  (KHTML, like Gecko) Chrome/62.0.3202.84 Mobile Safari/537.36 VivoBrowser/5.7.0.6
mobile | Android | 10 | TikTok | 18
  Mozilla/5.0 (Linux; Android 10; SM-G973F Build/QQ3A.200805.001; wv)
  AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/85.0.4183.101 Mobile
  Safari/537.36 trill_2021806060 JsSdk/1.0 NetType/WIFI Channel/googleplay
  AppName/musical_ly app_version/18.6.6 ByteLocale/fr ByteFullLocale/fr Region/FR
mobile | Android | 12 | Pinterest |
  Mozilla/5.0 (Linux; Android 12; SM-A125F Build/SP1A.210812.016; wv)
  AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/119.0.6045.66 Mobile
  Safari/537.36 [Pinterest/Android]
mobile | Android | 4.0.3 | Android Browser | 4.0
  Mozilla/5.0 (Linux; U; Android 4.0.3; de-ch; HTC Sensation Build/IML74K)
  AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30
mobile | Windows Phone | 10.0 | Edge | 15
  Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 650)
  AppleWebKit/537.36 (KHTML, like Gecko) Chrome/52.0.2743.116 Mobile Safari/537.36
  Edge/15.15254
unknown | Android | 11 | Chrome | 110
  Mozilla/5.0 (Linux; Android 11; BRAVIA 4K VH2) AppleWebKit/537.36 (KHTML, like
  Gecko) Chrome/110.0.5481.65 Safari/537.36
unknown | Tizen | 6.0 | Safari | 6.0
  Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/538.1 (KHTML, like Gecko)
  Version/6.0 TV Safari/538.1
unknown | Tizen | 7.0 | Safari |
  Mozilla/5.0 (SMART-TV; LINUX; Tizen 7.0) AppleWebKit/537.36 (KHTML, like Gecko)
  94.0.4606.31/7.0 TV Safari/537.36
unknown | webOS | | Chrome | 108
  Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko)
  Chrome/108.0.5359.211 Safari/537.36 WebAppManager
unknown | Android | 9 | Amazon Silk | 120
  Mozilla/5.0 (Linux; Android 9; AFTKA) AppleWebKit/537.36 (KHTML, like Gecko)
  Silk/120.4.1 like Chrome/120.0.6099.230 Safari/537.36
unknown | Android | 9 | Chrome | 97
  Mozilla/5.0 (Linux; Android 9; AFTMM Build/PS7285; wv) AppleWebKit/537.36 (KHTML,
  like Gecko) Version/4.0 Chrome/97.0.4692.98 Mobile Safari/537.36
unknown | PlayStation | 5 | Safari | 15.4
  Mozilla/5.0 (PlayStation; PlayStation 5/8.20) AppleWebKit/605.1.15 (KHTML, like
  Gecko) Version/15.4 Safari/605.1.15
unknown | PlayStation | 4 | Safari | 13.0
  Mozilla/5.0 (PlayStation 4 11.00) AppleWebKit/605.1.15 (KHTML, like Gecko)
  Version/13.0 Safari/605.1.15
unknown | Windows | 10 | Edge | 44
  Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox Series X) AppleWebKit/537.36
  (KHTML, like Gecko) Chrome/121.0.0.0 Safari/537.36 Edge/44.18363.8131
unknown | Nintendo | | Nintendo Browser |
  Mozilla/5.0 (Nintendo Switch; WifiWebAuthApplet) AppleWebKit/609.4 (KHTML, like
  Gecko) NF/6.0.3.15.4 NintendoBrowser/5.1.0.22443
unknown | Linux | | Chromium | 88
  Mozilla/5.0 (X11; GNU/Linux) AppleWebKit/537.36 (KHTML, like Gecko)
  Chromium/88.0.4324.150 Chrome/88.0.4324.150 Safari/537.36
  Tesla/DEV-BUILD-4d1a3f465b8e
mobile | KaiOS | 2.5 | Firefox | 48
  Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5
unknown | Android | 10 | Oculus Browser | 16
  Mozilla/5.0 (Linux; Android 10; Quest 2) AppleWebKit/537.36 (KHTML, like Gecko)
  OculusBrowser/16.6.0.1.52.314146309 SamsungBrowser/4.0 Chrome/91.0.4472.164 VR
  Safari/537.36
tablet | Kindle | 3.0 | Kindle | 3
  Mozilla/5.0 (X11; U; Linux armv7l like Android; en-us) AppleWebKit/531.2+ (KHTML,
  like Gecko) Version/5.0 Safari/533.2+ Kindle/3.0+
mobile | BlackBerry OS | 10.3.2 | BlackBerry WebKit | 10
  Mozilla/5.0 (BB10; Touch) AppleWebKit/537.35+ (KHTML, like Gecko)
  Version/10.3.2.2639 Mobile Safari/537.35+
desktop | FreeBSD | | Firefox | 128
  Mozilla/5.0 (X11; FreeBSD amd64; rv:128.0) Gecko/20100101 Firefox/128.0
desktop | Linux | | Pale Moon | 33
  Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0
  PaleMoon/33.0
mobile | Android | 13 | Chrome | 112
  Mozilla/5.0 (Linux; Android 13; SM-S901B) AppleWebKit/537.36 (KHTML, like Gecko)
  Chrome/112.0.0.0 Mobile Safari/537.36 Kiwi/112
mobile | Android | 14 | Snapchat | 12
  Mozilla/5.0 (Linux; Android 14; SM-A536B; wv) AppleWebKit/537.36 (KHTML, like
  Gecko) Version/4.0 Chrome/125 Mobile Safari/537.36 Snapchat/12.80.0.37 (SM-A536B;
  Android 14#S; gzip; )
mobile | Android | 13 | Telegram | 10
  Mozilla/5.0 (Linux; Android 13; M2101K6G Build/TKQ1; wv) AppleWebKit/537.36
  (KHTML, like Gecko) Version/4.0 Chrome/115.0 Mobile Safari/537.36
  Telegram-Android/10.0.5 (Xiaomi M2101K6G; Android 13; SDK 33; AVERAGE)
mobile | Android | 11 | Puffin | 9
  Mozilla/5.0 (Linux; Android 11; V2043) AppleWebKit/537.36 (KHTML, like Gecko)
  Chrome/87.0 Mobile Safari/537.36 Puffin/9.7.2.51367AP
mobile | Android | 12 | Opera GX | 2
  Mozilla/5.0 (Linux; Android 12; SM-A025G) AppleWebKit/537.36 (KHTML, like Gecko)
  Chrome/120.0 Mobile Safari/537.36 OPX/2.5
mobile | iOS | 17.6 | Safari |
  Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15
  (KHTML, like Gecko) Mobile/15E148 [LinkedInApp]/9.29.4
mobile | Android | 13 | Chrome | 120
  Mozilla/5.0 (Linux; Android 13; SM-A536B Build/TP1A.220624.014; wv)
  AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0.6099.144 Mobile
  Safari/537.36 Viber/21.6.0.8
tablet | Android | 11 | Facebook | 443
  Mozilla/5.0 (Linux; Android 11; SM-T505 Build/RP1A.200720.012; wv)
  AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0.6099.144
  Safari/537.36 [FB_IAB/FB4A;FBAV/443.0.0.23.229;]
mobile | Unknown | | Opera Mini | 7.1
  Opera/9.80 (J2ME/MIDP; Opera Mini/7.1.32052/29.3709; U; en) Presto/2.8.119
  Version/11.10
desktop | Windows | 10 | Electron | 39
  Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)
  Code/1.115.0 Chrome/142.0.7444.265 Electron/39.8.5 Safari/537.36
desktop | Linux | | Firefox | 128
  Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0
"""

# The name we give it, and under it what it sends.
ROBOTS = """
googlebot
  Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36
  (KHTML, like Gecko) Chrome/141.0.7390.122 Mobile Safari/537.36 (compatible;
  Googlebot/2.1; +http://www.google.com/bot.html)
googlebot
  Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1;
  +http://www.google.com/bot.html) Chrome/141.0.7390.122 Safari/537.36
googleother
  Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36
  (KHTML, like Gecko) Chrome/126.0.6478.182 Mobile Safari/537.36 (compatible;
  GoogleOther)
google-inspectiontool
  Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36
  (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36 (compatible;
  Google-InspectionTool/1.0;)
google-read-aloud
  Mozilla/5.0 (Linux; Android 7.0; SM-G930V Build/NRD90M) AppleWebKit/537.36 (KHTML,
  like Gecko) Chrome/59.0.3071.125 Mobile Safari/537.36 (compatible;
  Google-Read-Aloud; +https://support.google.com/webmasters/answer/1061943)
storebot
  Mozilla/5.0 (X11; Linux x86_64; Storebot-Google/1.0) AppleWebKit/537.36 (KHTML,
  like Gecko) Chrome/79.0.3945.88 Safari/537.36
bingbot
  Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0;
  +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36
bingpreview
  Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)
  Chrome/103.0.5060.134 Safari/537.36 Edg/103.0.1264.71 BingPreview/1.0b
gptbot
  Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2;
  +https://openai.com/gptbot)
chatgpt-user
  Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0;
  +https://openai.com/bot
searchbot
  Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like
  Gecko) Chrome/131.0.0.0 Safari/537.36; compatible; OAI-SearchBot/1.3;
  +https://openai.com/searchbot
claudebot
  Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0;
  +claudebot@anthropic.com)
claude-user
  Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Claude-User/1.0;
  +Claude-User@anthropic.com)
perplexitybot
  Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; PerplexityBot/1.0;
  +https://perplexity.ai/perplexitybot)
perplexity-user
  Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible;
  Perplexity-User/1.0; +https://perplexity.ai/perplexity-user)
ccbot
  CCBot/2.0 (https://commoncrawl.org/faq/)
amazonbot
  Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like
  Gecko; compatible; Amazonbot/0.1; +https://developer.amazon.com/support/amazonbot)
  Chrome/119.0.6045.214 Safari/537.36
applebot
  Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_5) AppleWebKit/605.1.15 (KHTML, like
  Gecko) Version/13.1.1 Safari/605.1.15 (Applebot/0.1;
  +http://www.apple.com/go/applebot)
bytespider
  Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile
  Safari/537.36 (compatible; Bytespider; spider-feedback@bytedance.com)
ahrefsbot
  Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)
semrushbot
  Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)
mj12bot
  Mozilla/5.0 (compatible; MJ12bot/v1.4.8; http://mj12bot.com/)
yandexbot
  Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)
yandexmobilebot
  Mozilla/5.0 (iPhone; CPU iPhone OS 8_1 like Mac OS X) AppleWebKit/600.1.4 (KHTML,
  like Gecko) Version/8.0 Mobile/12B411 Safari/600.1.4 (compatible;
  YandexMobileBot/3.0; +http://yandex.com/bots)
duckduckbot
  DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)
baiduspider
  Mozilla/5.0 (compatible; Baiduspider-render/2.0;
  +http://www.baidu.com/search/spider.html)
petalbot
  Mozilla/5.0 (Linux; Android 7.0;) AppleWebKit/537.36 (KHTML, like Gecko) Mobile
  Safari/537.36 (compatible;
  PetalBot;+https://webmaster.petalsearch.com/site/petalbot)
facebookexternalhit
  facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)
meta-externalagent
  meta-externalagent/1.1
  (+https://developers.facebook.com/docs/sharing/webmasters/crawler)
slackbot
  Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)
twitterbot
  Twitterbot/1.0
linkedinbot
  LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient
  +http://www.linkedin.com)
discordbot
  Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)
telegrambot
  TelegramBot (like TwitterBot)
whatsapp
  WhatsApp/2.23.20.0 A
uptimerobot
  Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)
pingdom
  Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)
pingdomtms
  Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)
  browser/2020.2.1 Chrome/78.0.3904.130 Electron/7.3.2 Safari/537.36
  PingdomTMS/2020.2
newrelicsynthetics
  Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)
  Chrome/100.0.4896.60 Safari/537.36 NewRelicSynthetics/1.0
datadogsynthetics
  Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)
  Chrome/128.0.0.0 Safari/537.36 DatadogSynthetics
checkly
  Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)
  Chrome/134.0.6998.35 Safari/537.36 (Checkly, https://www.checklyhq.com)
headlesschrome
  Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)
  HeadlessChrome/141.0.0.0 Safari/537.36
lighthouse
  Mozilla/5.0 (Linux; Android 11; moto g power (2022)) AppleWebKit/537.36 (KHTML,
  like Gecko) Chrome/136.0.0.0 Mobile Safari/537.36 Chrome-Lighthouse
gtmetrix
  Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)
  Chrome/124.0.0.0 Safari/537.36 GTmetrix
ptst
  Mozilla/5.0 (Linux; Android 8.1.0; Moto G (4)) AppleWebKit/537.36 (KHTML, like
  Gecko) Chrome/103.0.5060.134 Mobile Safari/537.36 PTST/221108.181124
phantomjs
  Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko)
  PhantomJS/2.1.1 Safari/538.1
jsdom
  Mozilla/5.0 (linux) AppleWebKit/537.36 (KHTML, like Gecko) jsdom/22.1.0
curl
  curl/8.9.1
wget
  Wget/1.24.5
axios
  axios/1.7.7
python-requests
  python-requests/2.32.3
python
  Python/3.12 aiohttp/3.10.5
go-http-client
  Go-http-client/2.0
okhttp
  okhttp/4.12.0
java
  Java/17.0.12
httpclient
  Apache-HttpClient/4.5.14 (Java/17.0.9)
"""


def rows(table: str) -> list[tuple[str, str]]:
    """Return each User-Agent with what is expected of it."""
    found: list[tuple[str, str]] = []
    for line in table.strip().splitlines():
        if line.startswith("  "):
            user_agent, expected = found[-1]
            found[-1] = f"{user_agent} {line.strip()}".strip(), expected
        else:
            found.append(("", line))
    return found


@pytest.mark.parametrize(("user_agent", "expected"), rows(PEOPLE))
def test_it_counts_a_person_and_knows_the_device(
    user_agent: str, expected: str
) -> None:
    assert robot_reason(user_agent, "*/*", "en") == ""
    labels = [label.strip() for label in expected.split("|")]
    device = describe(user_agent)
    if sys.version_info < (3, 10):
        # The newest names that pip has for it are of 2024; some things were not yet.
        assert device.type in ("desktop", "mobile", "tablet", "unknown")
        assert device.os
        assert device.browser
    else:
        assert device == Device(*labels)


@pytest.mark.parametrize(("user_agent", "name"), rows(ROBOTS))
def test_it_knows_a_robot(user_agent: str, name: str) -> None:
    assert robot_reason(user_agent, "*/*", "en") == f"robot: {name}"


def test_its_tables_are_long_enough() -> None:
    assert len(rows(PEOPLE)) > 80
    assert len(rows(ROBOTS)) > 50
