// The genome browser: the job's VCF on the sequence of its bundle, both read in parts from S3.
import { fill, h } from "../results/dom.ts";

const LINKS_MILLISECONDS = 120_000; // they are good for five minutes
const BASE_PIXELS = 9; // wide enough for its letter, and to be hit with a finger
const MOST_AROUND = 40;
const BESIDE_PIXELS = 110; // igv's own columns
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
type Browser = { on(event: "trackclick", handler: (track: unknown, facts: Fact[] | undefined) => boolean): void };

export type Place = { contig: string; start: number; end: number };

/** Draws into the element, and shows the place (1-based, inclusive) with some bases around it. */
export async function showGenome(element: HTMLElement, address: string, assembly: string, place: Place): Promise<void> {
  const links = new FreshLinks(address);
  const { default: igv } = await import("igv");
  const around = Math.min(MOST_AROUND, Math.floor((element.clientWidth - BESIDE_PIXELS) / BASE_PIXELS / 2));
  const browser = (await igv.createBrowser(element, {
    locus: `${place.contig}:${Math.max(1, place.start - around)}-${place.end + around}`,
    loadDefaultGenomes: false,
    showChromosomeWidget: false,
    showTrackLabels: false, // on a phone the label hides the variant
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
  const box = h("dl", { class: "genome-facts", "aria-label": "At this place", "aria-live": "polite" });
  element.after(box);
  browser.on("trackclick", (_track, facts) => {
    showFacts(box, facts ?? []);
    return false;
  });
  if (element.shadowRoot) mend(element.shadowRoot);
}

/** What igv knows of the records at the place that was clicked. Its own popup leaves narrow windows, and has markup that our policy refuses. */
function showFacts(box: HTMLElement, facts: readonly Fact[]): void {
  const named = facts.flatMap((fact) => (typeof fact === "object" && fact.name ? [[fact.name, String(fact.value ?? "")] as const] : []));
  const short = named.filter(([, value]) => value.length <= LONGEST_VALUE);
  fill(box, ...short.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

/** Names for what igv shows as symbols alone, dark text on its white ground in the dark scheme too, a bar for narrow windows. */
function mend(shown: ShadowRoot): void {
  for (const input of shown.querySelectorAll<HTMLInputElement>("input")) {
    if (!input.placeholder && !input.title) input.setAttribute("aria-label", input.type === "range" ? "Zoom" : "Value");
  }
  shown.querySelector<HTMLElement>(".igv-container")?.style.setProperty("color-scheme", "light");
  const bar = shown.querySelector<HTMLElement>(".igv-navbar");
  if (bar) Object.assign(bar.style, { height: "auto", flexWrap: "wrap" });
}
