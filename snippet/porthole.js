/*
 * Porthole: reports what happens on the pages of a site.
 *
 *   <script defer src="https://stats.example/w/page.js" data-public-key="…"></script>
 *
 * docs/snippet.md has every attribute and call. A release serves it without comments and
 * with short names (app/release/snippet.py): at most 3 KB, gzipped.
 */
(function () {
  'use strict';

  // While a module runs there is no current script.
  const script = document.currentScript || document.querySelector('script[data-public-key]');
  const settings = script ? script.dataset : {};
  const source = script && script.src || '';
  // Under a neutral name the calls are in the script's folder, which may be a proxy's.
  const endpoint = (settings.apiUrl ? settings.apiUrl + '/snippet/'
    : source.replace(/[^/]*([?#].*)?$/, '')).replace(/\/+snippet\/$/, '/api/track/');
  const isMicrologs = source.includes('/micrologs.js');
  const cookie = isMicrologs ? '_ml_vid=' : settings.identity === 'cookie' && '_ph_vid=';
  const auto = (settings.auto || '').split(' ');
  // Porthole takes 64 KB at once, and a browser carries no more for pages that are gone:
  // so many characters have at most 60,000 bytes.
  const MAX_LENGTH = 20000;
  // What goes with the next request, and what of it has failed once.
  const outbox = [];
  const failed = new WeakSet();
  const errors = new Map();
  // Empty until the page is shown, and again when it has been left.
  let shown = '';
  let onTheWay = [];
  let pause, timer, found, visitor, view, given;
  let lookedAt, attendedMs, sentSeconds, scroll;

  /** The address without what the site has not asked to keep. */
  const clean = (address) => {
    const kept = RegExp('^(utm_.*|' + (settings.query || 'utm_') + ')$');
    // The fragment is a place on the page, unless a router lives there, with a query.
    return (address + '').replace('hash' in settings ? '' : /#.*/, '')
      .replace(/\?([^#]*)/g, (all, query) => {
        const left = query.split('&').filter((part) => kept.test(part.split('=')[0]));
        return left[0] ? '?' + left.join('&') : '';
      });
  };

  /** The task's result; whatever goes wrong in it stays here. */
  const safely = (task, value) => {
    try {
      return task(value);
    } catch (error) {
      console.warn('porthole:', error);
    }
  };

  /** Sends what there is, as one request if it fits. */
  const flush = (isLeaving) => {
    clearTimeout(timer);
    complete();
    // What has failed is left to the next page, where the cookie is allowed too.
    if (isLeaving && found && outbox.some((beacon) => failed.has(beacon))) {
      safely(() => {
        sessionStorage.porthole = JSON.stringify(outbox);
        outbox.length = 0;
      });
    }
    if (!view || pause && !isLeaving) return;
    for (const waiting = outbox.splice(0); waiting[0];) {
      let length = 0;
      const group = waiting.filter((beacon) => (length += lengthOf(beacon)) < MAX_LENGTH);
      // What is too long by itself is dropped: nobody would take it.
      waiting.splice(0, group.length || 1);
      if (group[0]) send(group, isLeaving);
    }
  };

  /** On its way down every event passes the window first. */
  const listen = (names, task) => {
    names.split(' ').forEach((name) => {
      addEventListener(name, (happened) => safely(task, happened), true);
    });
  };

  const isHidden = () => document.prerendering || document.hidden;

  const newId = () => '' + Date.now() + Math.random();

  const lengthOf = (value) => JSON.stringify(value).length;

  /** None where no cookie is kept: it would be another visitor on each page. */
  const visitorId = () => {
    if (cookie && navigator.cookieEnabled) {
      [, found] = document.cookie.match('\\b' + cookie + '([^;]+)') || [];
      return visitor = found || visitor || newId();
    }
  };

  const keepVisitor = (seconds) => {
    document.cookie = cookie + visitorId() + ';path=/;SameSite=Lax;max-age=' + seconds +
      (/^https/.test(location) ? ';Secure' : '');
  };

  /** The text with every address in it cleaned; what a stack says of lines stays. */
  const cleanAll = (text) => {
    return (text + '').slice(0, 2000).replace(
      /([:/]\S*[?#]\S*?)((:\d+)*\)?)(?!\S)/g,
      (all, address, place) => clean(address) + place
    );
  };

  const canonical = (address) => {
    const link = 'canonical' in settings && document.querySelector('link[rel=canonical]');
    return link ? address.replace(/[^?#]*/, () => link.href.split(/[?#]/)[0]) : address;
  };

  /** Notes a beacon: a copy, so that one that cannot be sent spoils no other. */
  const add = (type, fields) => {
    const beacon = JSON.parse(JSON.stringify(Object.assign({
      type,
      id: newId(),
      age: Date.now(),
      url: canonical(clean(location)),
      visitor_id: safely(visitorId)
    }, fields)));
    if (outbox[19]) flush();
    outbox.splice(19);
    outbox.push(beacon);
    // A router sets the title after it has changed the address.
    clearTimeout(timer);
    timer = setTimeout(flush, 100);
    if (!shown) flush(true);
    return beacon;
  };

  const complete = () => {
    if (view) {
      Object.assign(view, {
        page_title: view.page_title || document.title,
        url: canonical(view.url)
      }, given);
    }
  };

  /**
   * A text needs no CORS preflight, which would be a second request; keepalive lets it
   * outlive the page.
   */
  const send = async (beacons, isLeaving) => {
    let again = beacons;
    try {
      const sent = beacons.map((beacon) => Object.assign({}, beacon, {
        age: Math.round(Math.max(0, Date.now() - beacon.age) / 1000)
      }));
      const fields = sent[1] ? { type: 'batch', beacons: sent } : sent[0];
      const address = endpoint + fields.type;
      fields.type = undefined;
      fields.public_key = settings.publicKey;
      const body = JSON.stringify(fields);
      // Firefox before 133 drops a fetch with its page, keepalive or not.
      if (isLeaving && navigator.sendBeacon && navigator.sendBeacon(address, body)) return;
      onTheWay.push(...beacons);
      const answer = await fetch(address, {
        method: 'POST',
        body,
        keepalive: lengthOf(onTheWay) < MAX_LENGTH
      });
      // A batch is answered with a status for each of its beacons, in their order.
      const each = sent[1] && (await answer.text()).match(/"status":\d+/g);
      again = beacons.filter((beacon, at) => /429|503/.test(each ? each[at] : answer.status));
      const seconds = +answer.headers.get('Retry-After') || 30;
      pause = again[0] && setTimeout(() => flush(pause = 0), seconds * 1000);
      if (cookie && answer.ok) {
        safely(keepVisitor, answer.headers.get('X-Porthole-Identity') ? 31536000 : 0);
      }
    } catch (error) {
      // There is no answer, or none of Porthole's: all of it goes again.
    }
    onTheWay = onTheWay.filter((beacon) => !beacons.includes(beacon));
    outbox.unshift(...again.filter((beacon) => !failed.has(beacon) && failed.add(beacon)));
    outbox.splice(20);
  };

  /** Adds to what the view on the screen has had of its visitor. */
  const look = () => {
    const now = performance.now();
    if (lookedAt) attendedMs += now - lookedAt;
    lookedAt = !isHidden() && document.hasFocus() && now;
    const part = 100 * (scrollY + innerHeight) / document.documentElement.scrollHeight;
    scroll = Math.round(Math.max(scroll, Math.min(100, part)));
  };

  const addEngagement = () => {
    look();
    const seconds = Math.round(attendedMs / 1000);
    if (seconds > sentSeconds) {
      sentSeconds = seconds;
      // It may arrive before the view does, and would be of none.
      if (onTheWay.includes(view)) outbox.push(view);
      add('engagement', { pageview_id: view.id, seconds, scroll });
    }
  };

  const leave = (isLeaving) => {
    addEngagement();
    for (const error of errors.values()) {
      safely(() => error.count && add('error', error));
      error.count = 0;
    }
    flush(isLeaving);
  };

  /**
   * Notes a view of the present address, if it is another one, or of what a page calls a
   * view; ``ignored`` is what of the address makes no difference.
   */
  const show = (ignored = '', called, page_title) => {
    const address = clean(location);
    const before = shown;
    complete();
    shown = address;
    if (called || address.replace(ignored, '') !== before.replace(ignored, '')) {
      addEngagement();
      given = called;
      view = add('pageview', Object.assign({
        page_title,
        // In a single-page site the page before is the one that linked here.
        referrer: before ? canonical(before) : clean(document.referrer),
        screen_resolution: screen.width + 'x' + screen.height,
        timezone: Intl.DateTimeFormat().resolvedOptions().timeZone
      }, called));
      attendedMs = sentSeconds = scroll = 0;
    }
  };

  const report = (error, fields, file) => {
    const { message = error, name, stack = '' } = Object(error);
    const found = Object.assign({
      message: cleanAll(message),
      error_type: name || 'Error',
      stack: cleanAll(stack),
      file: file && cleanAll(file),
      environment: settings.environment,
      release: settings.release
    }, fields);
    const key = found.message + found.stack;
    const known = errors.get(key);
    if (known) {
      known.count += known.count < 1000;
    } else if (errors.size < 10) {
      add('error', found);
      errors.set(key, found);
      found.count = 0;
    }
  };

  const noteError = ({ target, reason, error = reason, message, filename, lineno }) => {
    if (target === window) {
      // Of a script of another origin the browser says no more.
      const name = filename === '' && 'CrossOrigin';
      report(error || { message: message || reason + '', name }, { line: lineno }, filename);
    } else if (auto.includes('resources')) {
      const file = target.src || target.href;
      report(file, { error_type: 'ResourceError' }, file);
    }
  };

  const notice = (kind, props) => {
    if (auto.includes(kind)) commands.event(kind, props);
  };

  const watchAction = ({ type, button, target }) => {
    const isForm = type === 'submit';
    const marked = target.closest((isForm ? 'form' : ':not(form)') + '[data-porthole-event]');
    const link = target.closest(isForm ? 'form' : 'a[href]');
    // The other buttons open a menu, or go back.
    if (button > 1) return;
    if (marked) {
      const { portholeEvent, portholeProps = '{}' } = marked.dataset;
      commands.event(portholeEvent, JSON.parse(portholeProps));
    }
    if (!link) return;
    // An input may be named as a property of its form is.
    const goal = isForm ? link.getAttribute('action') || '' : link.href;
    const address = new URL(goal, location);
    const kind = isForm ? 'forms'
      : /^mailto/.test(address) ? 'mailto'
      : link.hasAttribute('download') ||
        /\.(pdf|zip|docx?|xlsx?|csv|exe|dmg)$/i.test(address.pathname) ? 'downloads'
      : /^http/.test(address) && address.host !== location.host && 'outbound';
    notice(kind, { url: clean(address) });
  };

  /** What a page may call; trackView, trackInteraction and push are other trackers'. */
  const commands = {
    pageview: ({ pageUrl, pageTitle } = {}) => shown &&
      show('', pageUrl ? { url: clean(new URL(pageUrl, location)) } : {}, pageTitle),
    event: (name, props) => add('event', { name, props }),
    push: ({ event, type = event, data }) => commands.event(type, data),
    error: (error, context, severity) => report(error, { context, severity }),
    audit: (action, actor, context) => add('audit', { action, actor, context }),
    identify: (id, traits) => add('identify', { user_id: id + '', traits }),
    reset: () => {
      flush();
      if (cookie) keepVisitor(0);
      visitor = '';
    },
    flush: () => flush()
  };
  commands.trackView = commands.pageview;
  commands.trackInteraction = commands.push;

  /** Starts when the page is really shown: not in a prerender or a hidden tab. */
  const start = () => {
    look();
    if (view || isHidden()) return;
    show();
    if (cookie) {
      safely(() => {
        outbox.push(...JSON.parse(sessionStorage.porthole || '[]'));
        delete sessionStorage.porthole;
      });
    }
    // Restored from the back/forward cache it is shown again, without being loaded.
    listen('popstate hashchange pageshow', () => show());
    listen('pagehide', () => {
      leave(true);
      lookedAt = 0;
      shown = '';
    });
    listen('online', () => flush());
    listen('focus blur scroll', look);
    listen('click auxclick submit', watchAction);
    for (const { responseStatus } of performance.getEntriesByType('navigation')) {
      notice(responseStatus + '');
    }
    // Last, because a site may have locked its history.
    ['pushState', 'replaceState'].forEach((method, isReplaced) => {
      const original = history[method];
      history[method] = (...values) => {
        const result = original.apply(history, values);
        // A search box may replace the query at every key pressed: that is one page.
        safely(() => shown && show(isReplaced ? /\?[^#]*/ : ''));
        return result;
      };
    });
  };

  if ((window.porthole || {}).flush) return;
  if (!settings.publicKey) console.warn('porthole:', 'no data-public-key');
  const isSilent = !settings.publicKey ||
    !('local' in settings) && /^$|^127\.|^\[::1|\blocalhost$/.test(location.hostname) ||
    !('ignoreDnt' in settings) && (navigator.doNotTrack > 0 || navigator.globalPrivacyControl) ||
    safely(() => localStorage.porthole_ignore);

  const porthole = (command, ...values) => {
    if (!isSilent) safely(() => commands[command](...values));
  };
  for (const command in commands) porthole[command] = porthole.bind(null, command);
  if (!isSilent) {
    if (!('noErrors' in settings)) listen('error unhandledrejection', noteError);
    listen('visibilitychange prerenderingchange', () => isHidden() ? leave() : start());
    safely(start);
  }
  // Calls that were made before, of Porthole's stub or of a queue that is an array.
  for (const global of ['porthole', settings.facade || (isMicrologs ? 'Micrologs' : 'porthole')]) {
    const early = window[global] || [];
    window[global] = porthole;
    for (const call of early.q || []) porthole(...call);
    if (early.map) early.map(porthole.push);
  }
  if (document.title) safely(flush);
})();
