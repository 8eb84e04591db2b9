// What only a browser can tell: what arrives of that which it sends, with the host's
// firewall and proxies in between.
'use strict';

(() => {
  const list = document.querySelector('[data-echo]');
  const address = list.dataset.echo;
  const SKEW_SECONDS = 120;
  const STACK = JSON.stringify({
    message: "SQLSTATE[42000]: syntax error near 'SELECT * FROM users WHERE id = 1 OR 1=1'",
    stack: 'Error: exec failed\n    at Object.<anonymous> (/home/alice/../etc/passwd:1:1)\n'
      + '    at eval (eval at run (https://example.com/app.js:1:1), <anonymous>:1:1)\n'
      + '  File "/usr/lib/python3/dist-packages/app.py", line 7, in <module>\n    os.system("ls /bin")',
  });

  function show(name, status, found) {
    const line = document.getElementById('probe-' + name);
    line.className = 'check ' + status;
    line.querySelector('.status').textContent = status === 'ok' ? 'Fine' : 'Look at this';
    line.querySelector('.found').textContent = found;
    line.querySelector('.todo').hidden = status === 'ok';
  }

  async function echo(options) {
    const answer = await fetch(address, { cache: 'no-store', ...options });
    if (!answer.ok) throw new Error('the answer was ' + answer.status);
    return answer.json();
  }

  async function check(name, options, judge) {
    try {
      const problem = judge(await echo(options));
      show(name, problem ? 'warn' : 'ok', problem || 'It arrives as it was sent.');
    } catch (error) {
      show(name, 'warn', 'It did not arrive: ' + error.message + '.');
    }
  }

  function post(name, type, body) {
    const length = new TextEncoder().encode(body).length;
    const options = { method: 'POST', headers: { 'Content-Type': type }, body };
    return check(name, options, (seen) => (
      seen.method === 'POST' && seen.bytes === length && body.startsWith(seen.body) ? ''
        : 'It arrived as ' + seen.method + ' with ' + seen.bytes + ' of ' + length + ' bytes.'
    ));
  }

  function header(name, field, value) {
    return check(name, { headers: { [field]: value } }, (seen) => (
      seen[name === 'key' ? 'api_key' : name] === value ? '' : 'The header was lost on its way.'
    ));
  }

  async function clock() {
    const before = Date.now();
    await check('clock', {}, (seen) => {
      const middle = (before + Date.now()) / 2000;
      const seconds = Math.round(Math.abs(middle - seen.seconds));
      return seconds > SKEW_SECONDS ? 'It is ' + seconds + ' seconds apart from the server\'s.' : '';
    });
    const found = document.querySelector('#probe-clock.ok .found');
    if (found) found.textContent = 'It agrees with the server\'s.';
  }

  // One after the other: many at once would look like an attack to the same firewalls.
  post('json', 'application/json', '{"name":"signup","props":{"plan":"pro"}}')
    .then(() => post('text', 'text/plain', '{"url":"https://example.com/","title":"Home"}'))
    .then(() => post('stack', 'text/plain', STACK))
    .then(() => header('authorization', 'Authorization', 'Bearer porthole-doctor'))
    .then(() => header('key', 'X-API-Key', 'porthole-doctor'))
    .then(clock);
})();
