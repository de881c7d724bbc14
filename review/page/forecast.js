// What is expected now, by what the model says and what people have found: asked for anew after each decision.

import { changeToDrawn, readForecast } from "./api.js";
import { fail } from "./messages.js";

let isAsking = false;
let isStale = false;

// one request at a time; whatever has changed meanwhile is in the next
export async function renewForecast(page) {
  isStale = true;
  if (isAsking || !page.model.forecast) return;
  isAsking = true;
  try {
    while (isStale) {
      isStale = false;
      page.model.forecast = await readForecast();
      page.drawForecast();
      if (page.model.forecast?.before === 0) await change(page);
    }
  } catch (error) {
    fail(error);
  } finally {
    isAsking = false;
  }
}

// to drawn rows, on the way to a certificate; nothing is decided while the page is made anew
async function change(page) {
  document.body.inert = true;
  try {
    const { planned } = await changeToDrawn();
    await page.model.outbox.emptied();
    if (planned) location.replace("./?tab=certify");
    else document.body.inert = false;
  } catch (error) {
    document.body.inert = false;
    throw error;
  }
}

// at x on the lines between points whose xs rise
export function interpolate(xs, ys, x) {
  const after = xs.findIndex((each) => each >= x);
  if (after <= 0) return ys.at(after);
  const share = (x - xs[after - 1]) / (xs[after] - xs[after - 1]);
  return ys[after - 1] + share * (ys[after] - ys[after - 1]);
}

// the probability that a row's label is wrong; null where the model may not say
export function errorProb({ trust, forecast }, row) {
  if (trust.verdict !== "good") return null;
  const { log_odds: odds, error_prob: probs } = forecast.moved;
  const own = Math.log(row.prior_error_prob) - Math.log1p(-row.prior_error_prob);
  return interpolate(odds, probs, Math.max(odds[0], Math.min(odds.at(-1), own)));
}
