// Who of the family is affected, by the roles in the address.
import type { Sample } from "./api.ts";

/** The numbers of the samples that the address says are affected. */
export function affectedOf(params: URLSearchParams, samples: readonly Sample[]): Set<number> {
  const names = new Set(params.getAll("family").filter((v) => /:(affected|child)$/.test(v)).map((v) => v.slice(0, v.lastIndexOf(":"))));
  return new Set(samples.filter(({ name }) => names.has(name)).map(({ number }) => number));
}
