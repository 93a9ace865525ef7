// Filters by sample: a genotype for each, a role in the family by click, and roles from a pedigree file.
import { current, filtersOf, go, namedSamples, withFilters } from "./address.ts";
import type { Sample } from "./api.ts";
import { byId, fill, h } from "./dom.ts";
import { BadPedigree, membersOf } from "./pedigree.ts";
import { GENOTYPES, ROLES } from "./vocabulary.ts";

const MOST_SHOWN = 40;
const MOST_BYTES = 1 << 20;

function genotypeOf(sample: Sample): HTMLElement {
  const options = Object.entries(GENOTYPES).map(([value, name]) => h("option", { value: `${sample.name}:${value}` }, name));
  return h(
    "select",
    { class: "form-select form-select-sm", name: "genotype", "data-pair": sample.name, "aria-label": `Genotype of ${sample.name}` },
    h("option", { value: "" }, "any genotype"),
    ...options,
  );
}

function rolesOf(sample: Sample): HTMLElement {
  const roles = Object.entries(ROLES).map(([role, name]) => {
    const id = `role-${sample.number}-${role}`;
    return [
      h("input", { type: "checkbox", class: "visually-hidden", name: "family", value: `${sample.name}:${role}`, id }),
      h("label", { for: id }, name),
    ];
  });
  return h("div", { class: "roles", role: "group", "aria-label": `Role of ${sample.name} in the family` }, ...roles.flat());
}

function row(sample: Sample, hasRoles: boolean): HTMLElement {
  const name = h("span", { class: "text-truncate", title: sample.name }, sample.name);
  return h("div", { class: "sample" }, h("div", { class: "sample-head" }, name, genotypeOf(sample)), hasRoles && rolesOf(sample));
}

/** The samples that are in the question come first, so that they are seen even among thousands. */
function inOrder(samples: readonly Sample[]): Sample[] {
  const asked = new Set(namedSamples(current()));
  return [...samples].sort((a, b) => Number(asked.has(b.name)) - Number(asked.has(a.name)) || a.number - b.number);
}

/** Fill the part of samples, which has some. */
export function showSamples(samples: readonly Sample[]): void {
  const box = byId("samples");
  const list = h("div", { class: "sample-list" });
  const show = (text: string): void => {
    const found = inOrder(samples).filter(({ name }) => name.toLowerCase().includes(text.toLowerCase()));
    fill(list, ...found.slice(0, MOST_SHOWN).map((sample) => row(sample, samples.length > 1)));
    if (found.length > MOST_SHOWN) list.append(h("p", { class: "filter-note" }, `${found.length - MOST_SHOWN} more: search for their names.`));
  };
  show("");
  const search = h("input", { class: "form-control form-control-sm mb-2", type: "search", placeholder: "Find a sample", "aria-label": "Find a sample" });
  search.addEventListener("input", () => show(search.value));
  fill(box, samples.length > 12 && search, list);
  byId<HTMLInputElement>("pedigree").addEventListener("change", (event) => void readPedigree(event.target as HTMLInputElement, samples));
}

async function readPedigree(input: HTMLInputElement, samples: readonly Sample[]): Promise<void> {
  const words = byId("pedigree-words");
  const file = input.files?.[0];
  input.value = "";
  if (!file) return;
  try {
    if (file.size > MOST_BYTES) throw new BadPedigree("The file is larger than 1 MB, so it is no pedigree.");
    const members = membersOf(await file.text(), samples.map(({ name }) => name));
    const filters = filtersOf(current());
    filters.delete("family");
    for (const { sample, role } of members) filters.append("family", `${sample}:${role}`);
    go(withFilters(filters));
    fill(words, `${file.name}: ${new Set(members.map(({ sample }) => sample)).size} samples have roles now.`);
  } catch (error) {
    if (!(error instanceof BadPedigree)) throw error;
    fill(words, error.message);
  }
}
