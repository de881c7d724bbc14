// The rows that are most like one: a tab of their own, with the row itself as the first.

import { readSimilar } from "./api.js";
import { clearError, fail } from "./messages.js";

export async function findSimilar(page, row) {
  const { tabs, similar } = page.model;
  try {
    const { rows } = await readSimilar(row.row);
    clearError();
    tabs.similar.pickSimilar(rows, similar);
    await page.openTab("similar");
  } catch (error) {
    fail(error);
  }
}
