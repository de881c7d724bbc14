// Where the server has a page of all data sets, the review of one lies below it, and that page applies the decisions.

export const isOneOfMany = location.pathname !== "/";
export const TO_APPLY = isOneOfMany ? "go to all data sets" : "run dvc repro";
