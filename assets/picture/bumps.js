// The bumpy bowl 0.05x² + 0.1 cos 4x of the Picture: its height over its lowest places, a ball's path, and where it ends.
import { FUNCTIONS } from "../first_steps/functions.js";
import { roll } from "../first_steps/momentum.js";
import { show } from "./plot.js";

const { value, gradient } = FUNCTIONS.bumpy, LOWEST = 0.7389471547601295;
const LONG = 4000; // steps after which the ball lies still

export const height = (x) => value([x]);
export const above = (x) => Math.max(value([x]) - value([LOWEST]), 0);
export const path = ({ bump_start, eta, momentum, form, steps }) => roll(gradient, [bump_start], eta, momentum, form, steps);

// Where it comes to rest, and where it would without momentum: a regime whose colour suits, and a sentence.
export function verdict({ bump_start, eta, momentum, form }) {
  const end = (beta) => { const whole = roll(gradient, [bump_start], eta, beta, form, LONG); return whole.length > LONG ? whole.at(-1)[0] : NaN; };
  const found = end(momentum), plain = end(0), say = (x) => (Number.isNaN(x) ? "it explodes" : `x = ${show(x)}`);
  const isLowest = Math.abs(Math.abs(found) - LOWEST) < 0.01;
  const isStill = Math.abs(gradient([found])[0]) < 1e-4;
  const words = Number.isNaN(found) ? "It explodes." : !isStill ? "It is still moving after 4,000 steps." : `It comes to rest at ${say(found)}, ${isLowest ? "one of the two lowest places" : "not the lowest place"}.`;
  return [Number.isNaN(found) ? "explosion" : isLowest ? "straight" : "swinging", `<b>${words}</b> <span>Without momentum: ${say(plain)}.</span>`];
}
