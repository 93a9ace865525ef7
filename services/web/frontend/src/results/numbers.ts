// How numbers are written: thousands separators, frequencies, allele balances.
const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const PLAIN = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });

export const whole = (value: number): string => WHOLE.format(value);
export const plain = (value: number): string => PLAIN.format(value);

/** A count with its noun: `1 allele`, `1,234 alleles`. */
export const counted = (value: number, noun: string): string => `${whole(value)} ${noun}${value === 1 ? "" : "s"}`;

/** A frequency with two significant digits: `0.012`, `2.1e-5`; `0` and `1` as they are. */
export function frequency(value: number): string {
  if (value === 0 || value === 1) return String(value);
  return value < 0.0001 ? value.toExponential(1) : String(Number(value.toPrecision(2)));
}

/** An allele balance without its zero: `.45`. */
export const balance = (value: number): string => (value >= 1 ? "1" : value.toFixed(2).replace(/^0/, ""));

/** A number as people type it, with a dot or a comma; null for what is none. */
export function typedNumber(text: string): number | null {
  const value = Number(text.trim().replace(",", "."));
  return text.trim() && Number.isFinite(value) ? value : null;
}
