// How numbers are written: thousands separators, frequencies, allele balances.
//
// Not by Intl.NumberFormat: its first use in a page takes longer than drawing a table of rows.
const grouped = (text: string): string => text.replace(/^(-?)(\d+)/, (_, sign: string, digits: string) => sign + digits.replace(/\B(?=(\d{3})+$)/g, ","));

export const whole = (value: number): string => grouped(value.toFixed(0));
export const plain = (value: number): string => grouped(String(Number(value.toFixed(2))));

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
