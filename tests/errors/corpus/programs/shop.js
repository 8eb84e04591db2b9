// Ways a small shop breaks. Prints each as JSON; data comes from the seed.
import { mapEach } from 'tinylist';

const seed = globalThis.SEED || 1;

class Basket {
  constructor(lines) { this.lines = lines; }
  totalOf(customer) { return customer.address.country + this.lines.length; }
  nameOf(customer) { return customer.profile.nickname + this.lines.length; }
  addLine(line) { return this.lines.pushAll(line); }
  ship() { throw new Error(`Parcel ${seed * 48211} cannot be sent to zone ${seed + 3}`); }
}

function readBasket() { return new Basket([1, 2]); }
function priceBasket() { return readBasket().totalOf({ id: seed }); }
function greetOwner() { return readBasket().nameOf({ id: seed }); }
function fillBasket() { return readBasket().addLine(seed); }
function sendBasket() { return readBasket().ship(); }
function parseCoupon() { return JSON.parse('<html>' + seed); }
function parseNothing() { return JSON.parse(''); }
function countDown(n) { return countDown(n + 1) + 1; }
function evenly(n) { return oddly(n + 1) + 1; }
function oddly(n) { return evenly(n + 1) + 1; }
function assertStock(ok) { if (!ok) throw new Error('Stock assertion failed'); }
function reserveItem() { assertStock(false); return 1; }
function releaseItem() { assertStock(false); return 2; }
function visitLines() { mapEach([1], (line) => { line.weight.grams += seed; }); }
function sortPrices() { [3, 2].sort((left, right) => left.cents.amount - right); }
function walkTree(depth) { if (!depth) throw new RangeError('Leaf is too deep'); walkTree(depth - 1); return 1; }
function rewriteTotal() { return new Function('const total = 1; total = 2;')(); }
function openMissing() { return undeclaredRegister.open(); }
function makeList() { return new Array(-seed); }
function evalTariff() { return (0, eval)('tariffTable[' + seed + '].rate'); }
function buildInvoice() {
  try { parseCoupon(); } catch (cause) { throw new Error('Invoice could not be built', { cause }); }
}
function statusOf(code) { throw new Error(`Warehouse replied with status ${code} after ${seed * 31}ms`); }
async function loadStock() { await null; return assertStock(false); }
async function refreshShelf() { await loadStock(); }

export const faults = {
  priceBasket, greetOwner, fillBasket, sendBasket, parseCoupon, parseNothing,
  countDown: () => countDown(0), mutual: () => evenly(0), mutualOther: () => oddly(0),
  reserveItem, releaseItem, visitLines, sortPrices,
  walkTree: () => walkTree(seed + 1), rewriteTotal, openMissing, makeList, evalTariff,
  buildInvoice, status404: () => statusOf(404), status503: () => statusOf(503),
  refreshShelf,
};

function withCauses(error) {
  let text = error.stack;
  for (let cause = error.cause; cause; cause = cause.cause) text += '\n  [cause]: ' + cause.stack;
  return text;
}

export async function report() {
  const found = {};
  for (const name of Object.keys(faults)) {
    try { await faults[name](); } catch (error) {
      found[name] = { type: error.name, message: error.message, stack: withCauses(error) };
    }
  }
  return found;
}
