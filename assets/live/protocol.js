// @ts-check
// The types of what goes over the wire: the same as in pages/shared/live/protocol.py. Nothing runs here.

/** @typedef {"play" | "step" | "epoch" | "retrain" | "go on" | "reset" | "reinit" | "rest" | "refine" | "click" | "moment" | "fork" | "draw"} Action */

/** @typedef {{chart: string, x: number | string, y: number | string}} Click */

/**
 * A pull. `have` and `rests` say which figures the browser holds, `seen` the last frame that arrived.
 * @typedef {object} Request
 * @property {Action} action
 * @property {string} run
 * @property {number} sequence
 * @property {number} seen
 * @property {number} frames
 * @property {number} updates
 * @property {number} budget_ms
 * @property {number} coarse
 * @property {Record<string, string>} have
 * @property {Record<string, number>} rests
 * @property {Click} [click]
 * @property {number} [until] the update that "retrain" trains up to
 * @property {string} [runs] the runs that this browser holds, as JSON
 * @property {number} [moment] the place on the timeline that "moment" goes to
 * @property {string} [drawn] the points that "draw" brings
 */

/** @typedef {{data: string, width: number, height: number}} PackedImage one byte a cell, in base64 */
/** @typedef {{at: string, cells: string, across: number}} PackedMesh a sheet of cells, in base64 */
/** @typedef {{label: string, count: number, at: number, text: string}} Scrub */
/** @typedef {{text: string, value: number | string | null}} Cell */
/** @typedef {{data: any[], layout: any}} PlotFigure */
/** @typedef {{columns: {title: string, help: string}[], looks: {lane: string, color: string, glyph: string}[], rows: Cell[][]}} TableFigure */
/**
 * @typedef {object} NetworkFigure
 * @property {string[][]} layers names of the neurons, layer by layer
 * @property {string[]} headings
 * @property {string} palette
 * @property {string[]} outputs palettes of the classes
 * @property {number[]} frozen layers whose lines are faint, by number from 1
 * @property {string} chosen colours:
 * @property {string} negative
 * @property {string} positive
 */

/**
 * What of a card changes with a frame, or at rest (then with the exact figure, and `number` to tell it by).
 * @typedef {object} Part
 * @property {any[][]} [extend] [trace, x, y]: points to add
 * @property {any[][]} [set] [trace, x, y] or [trace, x, y, colours]: points in place of the old ones
 * @property {any[][]} [tail] [trace, start, x, y]: points in place of those from number `start` on
 * @property {PackedImage} [image]
 * @property {PackedMesh} [mesh]
 * @property {any} [figure] in place of the old one
 * @property {Record<string, any>} [layout] keys of Plotly's layout in place of the old ones
 * @property {string} [caption]
 * @property {Scrub} [scrub]
 * @property {Cell[][]} [rows]
 * @property {string} [weights]
 * @property {string} [biases]
 * @property {string} [maps]
 * @property {number} [size]
 * @property {string} [title] at rest
 * @property {number} [progress] at rest, 0 to 1: below 1 there is more to ask for
 * @property {number} [number] at rest
 */

/**
 * What a card is.
 * @typedef {object} Spec
 * @property {string} name
 * @property {"plotly" | "table" | "network"} kind
 * @property {string} area
 * @property {string} title
 * @property {string} alt
 * @property {string} revision
 * @property {any} [figure] if the browser lacks it
 * @property {string} [caption]
 * @property {[string, string, string][]} [legend]
 * @property {string | null} [palette]
 * @property {number[]} [streams]
 * @property {boolean | "y"} [grow]
 * @property {number} [ceiling]
 * @property {number} [start]
 * @property {string[]} [log_axes]
 * @property {string} [lane]
 * @property {string} [color]
 * @property {string} [glyph]
 * @property {(string | null)[]} [lanes]
 * @property {number[]} [per_lane]
 * @property {boolean} [clicks]
 * @property {boolean} [edits]
 * @property {{text: string, title: string, on: boolean}} [switch]
 * @property {boolean} [pauses]
 * @property {string} [opens]
 * @property {boolean} [shows_neurons]
 * @property {number[]} [chosen]
 * @property {string} [file]
 */

/** @typedef {{step: number, readout: string[][], message: string | null, finished: boolean, progress?: number}} State */
/** @typedef {{id: number, charts: Record<string, Part>, state: State}} Frame */
/** @typedef {{name: string, step: number, text: string}} Hint */
/** @typedef {{count: number, at: number, text: string}} Replay the timeline: moments, the place of the one that is shown */
/** @typedef {{set: Record<string, any>, drop: string[]}} RunNews */
/** @typedef {{play: string, pause: string, reset: string, step: string}} Words */
/** @typedef {{hidden: string[], locked: string[]}} Limits */
/** @typedef {{card: string, x: number, y: number, text: string, kind: string}} Place where a class says that something is, or where it is */
/**
 * What a class is asked: the run is played to `until`.
 * @typedef {{until: number, number: number, reached: boolean, locked: boolean, covered: string[], picks: string, marks: Place[]}} Aim
 */

/**
 * @typedef {object} Answer
 * @property {string} batch
 * @property {string[]} known the runs that this session has shown: a run that is not among them was lost
 * @property {{share: number, text: string, asks: boolean} | null} work long work that is not done
 * @property {number} sequence
 * @property {string} run
 * @property {number} config
 * @property {string} layout
 * @property {string} rows
 * @property {number} reserve
 * @property {number | null} interval
 * @property {boolean} transport
 * @property {Words | null} words
 * @property {number} speed updates a frame to begin with
 * @property {Hint[]} hints
 * @property {string[]} leaves
 * @property {Aim | null} aim
 * @property {Replay | null} replay
 * @property {RunNews | null} runs what has changed of the session's list of runs
 * @property {boolean} wants_runs the server asks which runs this browser holds
 * @property {number} opens_at the update up to which a run is trained when it is first shown
 * @property {Limits} limits what a worksheet hides and locks
 * @property {Spec[]} charts
 * @property {Frame[]} frames
 * @property {State} state
 * @property {Record<string, Part>} rest
 */

/** @typedef {{values: Uint8Array, width: number, height: number, palette?: Uint8Array, title?: string}} Image */

export {};
