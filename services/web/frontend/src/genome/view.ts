// The genome browser: the job's VCF on the sequence of its bundle, both read in parts from S3.
import { h } from "../results/dom.ts";

const LINKS_MILLISECONDS = 120_000; // they are good for five minutes
const AROUND_BASES = 40;
const LONGEST_VALUE = 100; // all of CSQ would fill the screen; the page has it

type Links = { reference: string; reference_index: string; variants: string; variants_index: string };

/** Links that are fetched anew before they end. `address` is that of the API. */
class FreshLinks {
  #links: Promise<Links> | undefined;
  #fetched = 0;
  readonly #address: string;

  constructor(address: string) {
    this.#address = address;
  }

  of(name: keyof Links): () => Promise<string> {
    return async () => (await this.#current())[name];
  }

  #current(): Promise<Links> {
    if (!this.#links || Date.now() - this.#fetched > LINKS_MILLISECONDS) {
      this.#fetched = Date.now();
      this.#links = fetch(this.#address).then((answer) => {
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.json() as Promise<Links>;
      });
    }
    return this.#links;
  }
}

type Fact = string | { name?: string; value?: unknown };
type Browser = { on(event: "trackclick", handler: (track: unknown, facts: Fact[] | undefined) => string | undefined): void };

export type Place = { contig: string; start: number; end: number };

/** Draws into the element, and shows the place (1-based, inclusive) with some bases around it. */
export async function showGenome(element: HTMLElement, address: string, assembly: string, place: Place): Promise<void> {
  const links = new FreshLinks(address);
  const { default: igv } = await import("igv");
  const browser = (await igv.createBrowser(element, {
    locus: `${place.contig}:${Math.max(1, place.start - AROUND_BASES)}-${place.end + AROUND_BASES}`,
    loadDefaultGenomes: false,
    showChromosomeWidget: false,
    showTrackLabelButton: false,
    showCenterGuideButton: false,
    showCursorTrackingGuideButton: false,
    reference: { id: assembly, fastaURL: links.of("reference"), indexURL: links.of("reference_index"), wholeGenomeView: false },
    tracks: [
      {
        name: "Annotated variants",
        type: "variant",
        format: "vcf",
        url: links.of("variants"),
        indexURL: links.of("variants_index"),
        displayMode: "EXPANDED",
        visibilityWindow: 1_000_000,
      },
    ],
  } as unknown as Parameters<typeof igv.createBrowser>[1])) as unknown as Browser;
  browser.on("trackclick", (_track, facts) => popup(facts));
  if (element.shadowRoot) nameInputs(element.shadowRoot);
}

/** What igv knows of the record, without its own markup, which the content security policy refuses. */
function popup(facts: readonly Fact[] | undefined): string | undefined {
  if (!facts) return undefined;
  const shown = facts.flatMap((fact) => (typeof fact === "object" && fact.name ? [[fact.name, String(fact.value ?? "")]] : []));
  const lines = shown.filter(([, value = ""]) => value.length <= LONGEST_VALUE).map(([name, value]) => h("div", {}, h("b", {}, name), ` ${value}`));
  return h("div", {}, ...lines).innerHTML;
}

/** Screen readers get a name for what igv shows as a symbol alone. */
function nameInputs(shown: ShadowRoot): void {
  for (const input of shown.querySelectorAll<HTMLInputElement>("input")) {
    if (!input.placeholder && !input.title) input.setAttribute("aria-label", input.type === "range" ? "Zoom" : "Value");
  }
}
