// What the server has not got yet, in the browser's own database: on the disk in a few hundredths
// of a second (localStorage is written seconds later, and a crash takes what was not).

const STORE = "typing";
let opened = null;

function database() {
  opened ??= new Promise((done, failed) => {
    const request = indexedDB.open("transcribe", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  return opened;
}

/** What `act` asked of the store, once all that it did there is on the disk. */
async function onDisk(mode, act) {
  const transaction = (await database()).transaction(STORE, mode, { durability: "strict" });
  const request = act(transaction.objectStore(STORE));
  await new Promise((done, failed) => {
    transaction.oncomplete = done;
    transaction.onabort = () => failed(transaction.error);
  });
  return request.result;
}

export const keep = (key, text) => onDisk("readwrite", (store) => store.put(text, key));

export const drop = (key) => onDisk("readwrite", (store) => store.delete(key));

/** Drop what is kept under the key, unless it is another text by now. */
export const dropIfStill = (key, text) => onDisk("readwrite", (store) => {
  const request = store.get(key);
  request.onsuccess = () => request.result === text && store.delete(key);
  return request;
});

/** All that is kept under keys that begin so: [key, text]. */
export async function keptUnder(prefix) {
  const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
  const keys = await onDisk("readonly", (store) => store.getAllKeys(range));
  const texts = await Promise.all(keys.map((key) => onDisk("readonly", (store) => store.get(key))));
  return keys.map((key, index) => [key, texts[index]]).filter(([, text]) => text !== undefined);
}
