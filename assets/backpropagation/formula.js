// Formulas from the engine's templates (engine/network/trace.py says what the marks mean).

const MARK = /\[(∂|slope )?(\w+)(?::([\w,]+))?\]/g;
const SUM = /Σ(\w)<(\d+)>\{(.*?)\}/g;
const LONGEST = 6; // terms of a sum that are written out

// The template with each mark replaced by word(what, box, numbers); a long sum keeps its first terms and its last.
export function expand(template, index, word) {
  const put = (text, letter, n) =>
    text.replace(MARK, (mark, what, box, letters) =>
      letters
        ? `[${what ?? ""}${box}:${letters
            .split(",")
            .map((one) => (one === letter ? n : one))
            .join(",")}]`
        : mark,
    );
  const written = template.replace(SUM, (_, letter, count, inner) => {
    const one = (n) => put(inner, letter, n),
      all = Number(count);
    const numbers = Array.from({ length: all }, (_2, n) => n);
    if (all <= LONGEST) return numbers.map(one).join(" + ");
    return [...numbers.slice(0, LONGEST - 2).map(one), "…", one(all - 1)].join(" + ");
  });
  const words = written.replace(MARK, (_, what, box, letters) =>
    word(what ?? "", box, letters ? letters.split(",").map((one) => index[one] ?? Number(one)) : []),
  );
  return words.replace(/\((\(−[^()]*\))\)/g, "$1"); // one pair of brackets around a negative number will do
}

const SUB = { 0: "₀", 1: "₁", 2: "₂", 3: "₃", 4: "₄", 5: "₅", 6: "₆", 7: "₇", 8: "₈", 9: "₉" };

// A box's name, or that of one of its numbers, as `names[box]` = {base, turned, bracket} has it; counted from 1.
export function nameOf(names, box, numbers = []) {
  const { base, turned, bracket } = names[box];
  if (!numbers.length) return base;
  const shown = (turned ? [...numbers].reverse() : numbers).map((n) => n + 1);
  if (bracket) return `${base}[${shown.join(",")}]`;
  return base + shown.map((n) => [...String(n)].map((digit) => SUB[digit]).join("")).join(shown.some((n) => n > 9) ? "," : "");
}

// The name of a derivative by it: ∂z, ∇a or g_a, by the notation's mark.
export function derivativeName(mark, name) {
  return mark === "g_" ? `g(${name})` : `${mark}${name}`;
}
