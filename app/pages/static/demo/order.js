/* The order page as a single-page application: its steps are routes of history.pushState(). */
(function () {
  'use strict';

  const steps = Array.from(document.querySelectorAll('[data-path]'));
  const viewedPath = document.querySelector('[data-viewed-path]');
  const receipt = document.querySelector('[data-receipt]');
  let current = steps.find((step) => !step.hidden);

  function stepAt(path) {
    return steps.find((step) => step.dataset.path === path);
  }

  /** Shows a step and names it in the title; leaves history and focus alone. */
  function show(step, state) {
    current = step;
    for (const other of steps) {
      other.hidden = other !== step;
    }
    document.title = step.dataset.title;
    receipt.textContent = (state && state.receipt) || '';
    receipt.hidden = !receipt.textContent;
  }

  /** Tells what changed: the path in the box below, and the heading to a screen reader. */
  function announce() {
    viewedPath.textContent = location.pathname;
    current.querySelector('h1').focus({ preventScroll: true });
  }

  function go(step, state) {
    // The title first: the tag reports the view from inside pushState().
    show(step, state);
    history.pushState(state, '', step.dataset.path);
    announce();
    scrollTo(0, 0);
  }

  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[href]');
    const isPlainClick = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !isPlainClick || link.hash) {
      return;
    }
    const step = link.origin === location.origin && stepAt(link.pathname);
    if (!step) {
      return;
    }
    event.preventDefault();
    if (step !== current) {
      go(step, null);
    }
  });

  document.addEventListener('submit', (event) => {
    const step = stepAt(new URL(event.target.action).pathname);
    if (!step) {
      return;
    }
    event.preventDefault();
    const order = new FormData(event.target);
    const name = order.get('bread') || order.get('cake');
    go(step, { receipt: order.get('count') + ' × ' + name });
  });

  // The tag listens too, and must find the title set: order.html loads this file first.
  addEventListener('popstate', (event) => {
    const step = stepAt(location.pathname) || steps[0];
    if (step !== current) {
      show(step, event.state);
      announce();
    }
  });

  // After a reload the browser has kept the state of the entry, the page has not.
  show(current, history.state);
})();
