// Export of exactly what is shown, the command that repeats it, and the report of chosen variants.
import { forApi, withoutPage } from "./address.ts";
import type { VariantsApi } from "./api.ts";
import { copy } from "./clipboard.ts";
import { byId } from "./dom.ts";
import { whole } from "./numbers.ts";

const MOST_IN_REPORT = 50;

/** The question of an export: filters, columns and order, but all pages of it. */
function wholeQuestion(question: URLSearchParams): URLSearchParams {
  const params = withoutPage(forApi(question));
  params.delete("limit");
  params.delete("share");
  return params;
}

/** Let the menu export this question; `columns` are those of the API that cells show. */
export function showExports(api: VariantsApi, question: URLSearchParams, columns: readonly string[]): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>("[data-export]")) {
    const params = wholeQuestion(question);
    params.set("columns", columns.join(","));
    params.set("format", link.dataset.export ?? "");
    link.href = api.url("/export", params);
  }
}

/** The command that repeats the export as TSV; the token stays a variable, so that it is not in histories. */
function curl(api: VariantsApi, question: URLSearchParams, columns: readonly string[]): string {
  const params = wholeQuestion(question);
  params.set("columns", columns.join(","));
  params.set("format", "tsv");
  const root = byId("variants").dataset.root || location.origin;
  const values = [...params].map(([name, value]) => `  --data-urlencode ${quoted(`${name}=${value}`)}`);
  return [`curl --get ${quoted(`${root}${api.root}/export`)}`, '  --header "Authorization: Bearer $GAS_TOKEN"', ...values, "  --output variants.tsv"].join(" \\\n");
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

export function startCurl(api: VariantsApi, question: () => { params: URLSearchParams; columns: readonly string[] }): void {
  byId("copy-curl").addEventListener("click", () => {
    const { params, columns } = question();
    void copy(curl(api, params, columns));
  });
}

/** Offer the report of these variants; hidden without any. */
export function showReport(address: (path: string, query: Record<string, string>) => string, which: "selected" | "starred", keys: ReadonlySet<string>): void {
  const link = byId<HTMLAnchorElement>(`report-${which}`);
  link.hidden = keys.size === 0;
  const count = link.querySelector("[data-count]");
  if (count) count.textContent = whole(Math.min(keys.size, MOST_IN_REPORT));
  link.href = address("/report", { keys: [...keys].slice(0, MOST_IN_REPORT).join(",") });
}
