// @ts-check
// The speeds to choose from: updates a frame, and how long a slow one is shown, in milliseconds.
/** @type {{label: string, updates: number, interval?: number}[]} */
export const SPEEDS = [
  { label: "½ update/s", updates: 1, interval: 2000 },
  { label: "2 updates/s", updates: 1, interval: 500 },
  { label: "1 update/frame", updates: 1 },
  { label: "2 updates/frame", updates: 2 },
  { label: "5 updates/frame", updates: 5 },
  { label: "10 updates/frame", updates: 10 },
  { label: "25 updates/frame", updates: 25 },
  { label: "100 updates/frame", updates: 100 },
];
