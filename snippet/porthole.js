/*
 * Porthole: reports what happens on the pages of a site.
 *
 *   <script defer src="https://stats.example/w/page.js" data-public-key="…"></script>
 *
 * docs/snippet.md has every attribute and call. Comments and spaces are not served,
 * and local names are shortened (app/snippet.py): at most 3 KB, gzipped.
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
  const auto = settings.auto || '';
  const DOWNLOAD = /\.(pdf|zip|docx?|xlsx?|csv|exe|dmg)$/i;
  // What goes with the next request, and what of it has failed once.
  const outbox = [];
  const tried = new Set();
  const errors = {};
  let shown = '';
  let isPaused, timer, visitor, view, isAttended, lookedAt, attendedMs, sentSeconds, scroll;

  /** The task's result; whatever goes wrong in it stays here. */
  function safely(task, value) {
    try {
      return task(value);
    } catch (error) {
      console.warn('porthole:', error);
    }
  }

  function listen(place, names, task) {
    for (const word of names.split(' ')) {
      place.addEventListener(word, (happened) => safely(task, happened), true);
    }
  }

  function isHidden() {
    return document.prerendering || document.hidden;
  }

  function newId() {
    return '' + Date.now() + Math.random();
  }

  /** None where no cookie is kept: it would be another visitor on each page. */
  function visitorId() {
    if (cookie && navigator.cookieEnabled) {
      const found = document.cookie.match('\\b' + cookie + '([^;]+)');
      visitor = found ? found[1] : visitor || newId() + newId();
      return visitor;
    }
  }

  function keepVisitor(seconds) {
    document.cookie = cookie + visitorId() + '; path=/; SameSite=Lax; max-age=' + seconds +
      (location.protocol === 'https:' ? '; Secure' : '');
  }

  /** The address without what the site has not asked to keep. */
  function clean(address) {
    const parsed = new URL(address, location);
    const kept = RegExp('^(utm_.*|' + settings.query + ')$');
    for (const key of [...parsed.searchParams.keys()]) {
      if (!kept.test(key)) parsed.searchParams.delete(key);
    }
    // The fragment is a place on the page, unless a router lives there.
    if (!('hash' in settings)) parsed.hash = '';
    return parsed.href;
  }

  function canonical(address) {
    const link = 'canonical' in settings && document.querySelector('link[rel=canonical]');
    return link ? address.replace(/[^?#]*/, () => link.href.split(/[?#]/)[0]) : address;
  }

  /** Notes a beacon: a copy, so that one that cannot be sent spoils no other. */
  function add(type, fields) {
    const beacon = JSON.parse(JSON.stringify(Object.assign({
      type,
      id: newId(),
      age: Date.now(),
      url: canonical(shown || clean(location)),
      visitor_id: safely(visitorId)
    }, fields)));
    outbox.push(beacon);
    outbox.splice(20);
    // A router sets the title after it has changed the address.
    timer = timer || setTimeout(flush, 100);
    return beacon;
  }

  function complete() {
    if (view && !view.page_title) {
      view.page_title = document.title;
      view.url = canonical(view.url);
    }
  }

  /**
   * Sends what there is as one request. A text needs no CORS preflight, which would be
   * a second one; keepalive lets it outlive the page.
   */
  async function flush(isLeaving) {
    let taken = [];
    clearTimeout(timer);
    timer = 0;
    try {
      complete();
      // What has failed is left to the next page, where the cookie is allowed too.
      if (isLeaving && tried.size && cookie && document.cookie.includes(cookie)) {
        sessionStorage.porthole = JSON.stringify(outbox.splice(0));
      }
      if (!shown || isPaused || !outbox[0]) return;
      taken = outbox.splice(0);
      const sent = taken.map((beacon) => Object.assign({}, beacon, {
        age: Math.round((Date.now() - beacon.age) / 1000)
      }));
      const fields = sent[1] ? { type: 'batch', beacons: sent } : sent[0];
      const address = endpoint + fields.type;
      fields.type = undefined;
      fields.public_key = settings.publicKey;
      const body = JSON.stringify(fields);
      // Firefox before 133 drops a fetch with its page, keepalive or not.
      if (isLeaving && navigator.sendBeacon && navigator.sendBeacon(address, body)) return;
      const answer = await fetch(address, { method: 'POST', body, keepalive: true });
      if (/429|503/.test(answer.status)) {
        isPaused = true;
        setTimeout(() => {
          isPaused = false;
          flush();
        }, (answer.headers.get('Retry-After') || 30) * 1000);
        throw 0;
      }
      tried.clear();
      if (answer.ok && cookie) {
        keepVisitor(answer.headers.get('X-Porthole-Identity') ? 31536000 : 0);
      }
    } catch (error) {
      outbox.unshift(...taken.filter((beacon) => !tried.has(beacon) && tried.add(beacon)));
      outbox.splice(20);
    }
  }

  /** Adds to what the view on the screen has had of its visitor. */
  function look() {
    const now = performance.now();
    if (isAttended) attendedMs += now - lookedAt;
    lookedAt = now;
    isAttended = !isHidden() && document.hasFocus();
    const part = (scrollY + innerHeight) / document.documentElement.scrollHeight;
    scroll = Math.max(scroll, Math.round(Math.min(1, part) * 100));
  }

  function addEngagement() {
    look();
    const seconds = Math.round(attendedMs / 1000);
    if (seconds > sentSeconds) {
      sentSeconds = seconds;
      add('engagement', { pageview_id: view.id, seconds, scroll });
    }
  }

  function leave(isLeaving) {
    addEngagement();
    for (const error of Object.values(errors)) {
      if (error.count) add('error', error);
      error.count = 0;
    }
    flush(isLeaving);
  }

  /** Notes a view of the present address, if it is another or ``fields`` are given. */
  function show(isReplaced, fields) {
    const address = clean(location);
    // A search box may replace the query at every key pressed: that is one page.
    const page = (text) => isReplaced ? text.replace(/\?[^#]*/, '') : text;
    if (page(address) === page(shown) && !fields) {
      shown = address;
      return;
    }
    complete();
    addEngagement();
    // In a single-page site the page before is the one that linked here.
    const referrer = shown ? canonical(shown) : document.referrer && clean(document.referrer);
    shown = address;
    attendedMs = sentSeconds = scroll = 0;
    clearTimeout(timer);
    timer = 0;
    view = add('pageview', Object.assign({
      url: address,
      referrer,
      screen_resolution: screen.width + 'x' + screen.height,
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone
    }, fields));
  }

  function report(error, fields) {
    const { message = error, name, stack = '' } = Object(error);
    const found = Object.assign({
      message: (message + '').slice(0, 2000),
      error_type: name || 'Error',
      stack: stack.slice(0, 2000),
      environment: settings.environment,
      release: settings.release
    }, fields);
    const key = message + stack;
    if (errors[key]) {
      if (errors[key].count < 1000) errors[key].count++;
    } else if (Object.keys(errors).length < 10) {
      errors[key] = found;
      add('error', found);
      found.count = 0;
    }
  }

  function noteError({ target, reason, error = reason, message, filename, lineno }) {
    const file = target.src || target.href;
    if (target === window) {
      // Of a script of another origin the browser says no more.
      const name = filename === '' && 'CrossOrigin';
      report(error || { message, name }, { file: filename, line: lineno });
    } else if (auto.includes('resources')) {
      report(file, { error_type: 'ResourceError', file });
    }
  }

  function watchAction({ type, button, target }) {
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
    const { href, action = href } = link;
    const kind = isForm ? 'forms'
      : /^mailto:/.test(href) ? 'mailto'
      : DOWNLOAD.test(link.pathname) || link.attributes.download ? 'downloads'
      : /^http/.test(href) && link.host !== location.host && 'outbound';
    if (auto.includes(kind)) commands.event(kind, { url: clean(action) });
  }

  /** What a page may call; trackView, trackInteraction and push are other trackers'. */
  const commands = {
    pageview: ({ pageUrl = location, pageTitle } = {}) => shown &&
      show(false, { url: clean(pageUrl), page_title: pageTitle }),
    event: (name, props) => add('event', { name, props }),
    push: ({ event, type = event, data }) => commands.event(type, data),
    error: (error, context, severity) => report(error, { context, severity }),
    audit: (action, actor, context) => add('audit', { action, actor, context }),
    identify: (id, traits) => add('identify', { user_id: id + '', traits }),
    reset: () => {
      flush();
      keepVisitor(0);
      visitor = 0;
    },
    flush
  };
  commands.trackView = commands.pageview;
  commands.trackInteraction = commands.push;

  /** Starts when the page is really shown: not in a prerender or a hidden tab. */
  function start() {
    look();
    if (shown || isHidden()) return;
    show();
    safely(() => cookie && outbox.push(...JSON.parse(sessionStorage.porthole || '[]')) &&
      delete sessionStorage.porthole);
    listen(window, 'popstate hashchange', () => show());
    // Restored from the back/forward cache: shown again, without being loaded.
    listen(window, 'pageshow', ({ persisted }) => persisted && (timer || show(false, {})));
    listen(window, 'pagehide', () => {
      leave(true);
      isAttended = false;
    });
    listen(window, 'online', () => flush());
    listen(window, 'focus blur scroll', look);
    listen(document, 'click auxclick submit', watchAction);
    if (auto.includes('404') &&
        performance.getEntriesByType('navigation')[0].responseStatus === 404) {
      commands.event('404');
    }
    // Last, because a site may have locked its history.
    for (const method of ['pushState', 'replaceState']) {
      const original = history[method];
      history[method] = function () {
        try {
          return original.apply(this, arguments);
        } finally {
          safely(() => show(method === 'replaceState'));
        }
      };
    }
  }

  if ((window.porthole || {}).flush) return;
  if (!settings.publicKey) console.warn('porthole: no data-public-key');
  const isSilent = !settings.publicKey ||
    !('local' in settings) && /^$|^127\.|^\[::1|\blocalhost$/.test(location.hostname) ||
    !('ignoreDnt' in settings) && (navigator.doNotTrack > 0 || navigator.globalPrivacyControl) ||
    safely(() => localStorage.porthole_ignore);

  const porthole = (command, ...values) => {
    if (!isSilent) safely(() => commands[command](...values));
  };
  for (const command of Object.keys(commands)) {
    porthole[command] = porthole.bind(null, command);
  }
  if (!isSilent) {
    if (!('noErrors' in settings)) listen(window, 'error unhandledrejection', noteError);
    listen(document, 'visibilitychange prerenderingchange', () => isHidden() ? leave() : start());
    safely(start);
  }
  // Calls that were made before, of Porthole's stub or of a queue that is an array.
  for (const global of ['porthole', settings.facade || (isMicrologs ? 'Micrologs' : 'porthole')]) {
    const early = window[global] || [];
    window[global] = porthole;
    for (const call of early.q || []) porthole(...call);
    if (early.map) early.map(porthole.push);
  }
  if (document.title) flush();
})();
