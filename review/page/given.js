// Given labels: a row may have none, and then there is none to keep.

export const isLabelled = (row) => row.given_label !== "";

export const labelText = (label) => label || "no label";
