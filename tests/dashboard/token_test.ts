import assert from "node:assert/strict";
import { test } from "node:test";
import { keepToken, takeToken, type TokenPlace } from "../../src/http/dashboard/page/token.ts";

/** The part of a window that keeps a token. */
function openPlace(hash: string, isStorageForbidden = false) {
  const kept = new Map<string, string>();
  const shown: string[] = [];
  const check = () => {
    if (isStorageForbidden) throw new Error("forbidden");
  };
  const place: TokenPlace = {
    location: { hash, pathname: "/helix/", search: "?a=1" },
    history: { replaceState: (_data, _unused, url) => void shown.push(url) },
    sessionStorage: {
      getItem: (key) => (check(), kept.get(key) ?? null),
      setItem: (key, value) => (check(), void kept.set(key, value)),
    },
  };
  return { place, kept, shown };
}

test("the token leaves the address, and stays for the session", () => {
  const { place, kept, shown } = openPlace("#token=a%2Bb");
  assert.equal(takeToken(place), "a+b");
  assert.deepEqual(shown, ["/helix/?a=1"]);
  const later = { ...place, location: { ...place.location, hash: "" } };
  assert.equal(takeToken(later), "a+b");
  assert.equal(kept.size, 1);
});

test("the rest of the fragment stays", () => {
  const { place, shown } = openPlace("#token=t&feed=1");
  assert.equal(takeToken(place), "t");
  assert.deepEqual(shown, ["/helix/?a=1#feed=1"]);
});

test("an address without a token is left alone", () => {
  const { place, shown } = openPlace("#feed");
  assert.equal(takeToken(place), undefined);
  assert.deepEqual(shown, []);
});

test("an empty token does not replace the one that is kept", () => {
  const { place } = openPlace("#token=");
  keepToken(place, "kept");
  assert.equal(takeToken(place), "kept");
});

test("where storage is forbidden the token of the address still works", () => {
  const { place, shown } = openPlace("#token=t", true);
  assert.equal(takeToken(place), "t");
  assert.deepEqual(shown, ["/helix/?a=1"]);
});
