// The page's address: what is looked at, so that a reload comes back to it.

export function writeAddress(wanted) {
  history.replaceState(null, "", wanted.size ? `./?${wanted}` : "./");
}
