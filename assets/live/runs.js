// @ts-check
// The list of runs over a reload: what the server tells of it is kept in this browser, and told back to a new session.

const STORED = "descent-lab.runs";
const MOST = 60;

/** @returns {Record<string, any>} */
function read() {
  try {
    const runs = JSON.parse(localStorage.getItem(STORED) ?? "{}");
    return runs && typeof runs === "object" && !Array.isArray(runs) ? runs : {};
  } catch { // nothing may be stored here, or something else is
    return {};
  }
}

/** @param {Record<string, any>} runs the oldest go when there are too many, or when there is no room */
function write(runs) {
  const entries = Object.entries(runs).slice(-MOST);
  do {
    try {
      localStorage.setItem(STORED, JSON.stringify(Object.fromEntries(entries)));
      return;
    } catch { // full, or nothing may be stored here
      entries.shift();
    }
  } while (entries.length);
}

export class Runs {
  /** @param {import("./panel.js").Panel} panel */
  constructor(panel) {
    this.panel = panel;
    this.hasTold = false; // a new session hears once which runs this browser holds
  }

  /** @param {import("./protocol.js").Answer} answer */
  hear({ runs: news, wants_runs }) {
    if (news) {
      const runs = { ...read(), ...news.set };
      for (const key of news.drop) delete runs[key];
      write(runs);
    }
    const { playing, pulls } = this.panel;
    if (!wants_runs || playing || pulls.outstanding || this.hasTold) return;
    const runs = read();
    if (!Object.keys(runs).length) return;
    this.hasTold = true;
    pulls.ask("rest", undefined, { runs: JSON.stringify(runs) });
  }
}
