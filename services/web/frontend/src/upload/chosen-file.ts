// One file that the user has chosen, from the look at its first bytes to its job.
import { Api, type FormUpload, Refused, type Submitted, type Wishes } from "./api.ts";
import { type Bundle, buildFault } from "./builds.ts";
import { type Head, headOf } from "./first-bytes.ts";
import type { Gathered } from "./gathered.ts";
import { heldElsewhere, holdFor, isSame, type Kept, type Memory, type Print } from "./kept.ts";
import { Pace } from "./pace.ts";
import { type Errand, FORM_BYTES, sendForm, sendParts } from "./sending.ts";
import { StorageRefusal } from "./request.ts";
import type { Session } from "./session.ts";
import { Turns, unlessAborted } from "./waiting.ts";
import { size } from "./words.ts";

export type Stage =
  | "checking" | "refused" | "changed" | "ready" | "waiting" | "sending" | "paused" | "submitting" | "submitted" | "failed";

/** What all files of the page share. */
export interface Surroundings {
  root: string;
  session: Session;
  memory: Memory;
  announced: Gathered<File, FormUpload>;
  submitted: Gathered<{ id: string; wishes: Wishes }, Submitted>;
  /** The file of that unfinished upload was chosen again. */
  onRecognised: (uploadId: string) => void;
  bundles: readonly Bundle[];
  limitBytes: number;
}

const reading = new Turns(8);
const largeUnderWay = new Turns(4);
const smallUnderWay = new Turns(20); // what one request announces
const never = new AbortController().signal;
/** What answers say where nothing of an upload is left to go on with. */
const GONE = new Set(["upload-gone", "upload-not-found", "upload-expired", "upload-not-finished", "upload-already-submitted"]);
const MOST_CHARACTERS = 255; // of a name, as the API takes them
const NO_REFERENCE = "These names do not tell which reference they are of. Choose it below.";
const PAUSED = new DOMException("paused", "AbortError");

export class ChosenFile {
  readonly file: File;
  stage: Stage = "checking";
  /** Why it is refused or failed. */
  fault: string | null = null;
  /** What holds it up for now. */
  trouble: string | null = null;
  sentBytes = 0;
  job: Submitted | null = null;
  head: Head | null = null;
  /** The unfinished upload of this very file, or of one with its name. */
  kept: Kept | null = null;
  readonly pace = new Pace();
  readonly #around: Surroundings;
  readonly #onChange: (file: ChosenFile) => void;
  #work = new AbortController();
  #wishes: Wishes | null = null;
  #checked: Promise<void> | null = null;

  constructor(file: File, around: Surroundings, onChange: (file: ChosenFile) => void) {
    this.file = file;
    this.#around = around;
    this.#onChange = onChange;
  }

  /** Look at the file; again for another bundle, which does not read it again. */
  check(bundle: string): Promise<void> {
    this.#checked = this.#check(bundle);
    return this.#checked;
  }

  async #check(bundle: string): Promise<void> {
    if (!["checking", "refused", "ready"].includes(this.stage)) return;
    const { limitBytes, bundles } = this.#around;
    this.head ??= await reading.use(never, () => headOf(this.file));
    const { fault, header, needsReference } = this.head;
    if ([...this.file.name].length > MOST_CHARACTERS) {
      this.fault = `Its name has more than ${MOST_CHARACTERS} characters. Give it a shorter one, and choose it again.`;
    } else if (this.file.size > limitBytes) {
      this.fault = `The file has ${size(this.file.size)}; your plan accepts up to ${size(limitBytes)}.`;
    } else {
      const isOpen = needsReference && bundle === "auto" && bundles.length > 1;
      this.fault = fault ?? (isOpen ? NO_REFERENCE : header && buildFault(header.contigs, bundle, bundles));
    }
    this.#go(this.fault ? "refused" : "ready");
    if (!this.fault) await this.#recognise();
  }

  get print(): Print {
    const { name, size: bytes, lastModified } = this.file;
    return { name, size: bytes, lastModified, sha256: this.head?.sha256 ?? "" };
  }

  async #recognise(): Promise<void> {
    const named = this.#around.memory.all().filter(({ name }) => name === this.file.name);
    const elsewhere = await heldElsewhere(named);
    const free = named.filter(({ uploadId }) => !elsewhere.has(uploadId) || uploadId === this.kept?.uploadId);
    this.kept = free.find((kept) => isSame(kept, this.print)) ?? null;
    if (this.kept) {
      this.#around.onRecognised(this.kept.uploadId);
      return this.#go("ready");
    }
    if (named.some((kept) => elsewhere.has(kept.uploadId) && isSame(kept, this.print))) {
      this.fault = "This file is being sent in another tab. Let it finish there.";
      return this.#go("refused");
    }
    this.kept = free.find((kept) => kept.partBytes !== null) ?? null;
    if (!this.kept) return;
    this.fault =
      "This is not the file whose upload was interrupted: it was changed since, or is another one of that name." +
      " Choose the file as it was to go on, or send this one as a new file.";
    this.#go("changed");
  }

  /** Give up the upload of the file as it was, and take it as it is now. */
  async takeAsNew(): Promise<void> {
    if (this.kept) await this.#drop(this.kept.uploadId);
    this.kept = null;
    this.fault = null;
    this.#go("ready");
  }

  /** Send it, or go on after a pause, and submit it with these wishes. Never rejects. */
  async start(wishes: Wishes): Promise<void> {
    await this.#checked;
    if (!["ready", "paused", "failed"].includes(this.stage)) return;
    this.#wishes = wishes;
    const work = new AbortController();
    const { signal } = work;
    this.#work = work;
    this.fault = null;
    this.#go("waiting");
    try {
      const turns = this.file.size <= FORM_BYTES ? smallUnderWay : largeUnderWay;
      await turns.use(signal, () => this.#run(wishes, signal));
    } catch (error) {
      if (error === PAUSED) {
        if (this.#work === work) this.#go("paused"); // not if it goes on already
      } else {
        this.fault = error instanceof Error ? error.message : String(error);
        if (this.kept && error instanceof Refused && GONE.has(error.slug)) {
          this.#around.memory.forget(this.kept.uploadId);
          this.kept = null; // the next attempt begins anew
        }
        this.#go("failed");
      }
    } finally {
      work.abort(PAUSED); // ends what this tab holds
      this.pace.reset();
    }
  }

  pause(): void {
    if (!["waiting", "sending"].includes(this.stage)) return;
    this.#work.abort(PAUSED);
    this.trouble = null;
    this.#go("paused");
  }

  resume(): void {
    if (this.#wishes && ["paused", "failed"].includes(this.stage)) void this.start(this.#wishes);
  }

  /** Stop, and give up what was sent. */
  remove(): void {
    this.#work.abort(PAUSED);
    if (this.kept && this.stage !== "submitted" && this.stage !== "changed") void this.#drop(this.kept.uploadId);
  }

  async #run(wishes: Wishes, signal: AbortSignal): Promise<void> {
    this.#go("sending");
    const api = this.#api(signal);
    if (!this.kept?.isSent) await this.#send(wishes, api, signal);
    this.#go("submitting");
    const { uploadId } = this.kept ?? { uploadId: "" };
    this.job = await this.#submit(uploadId, wishes, api);
    this.#around.memory.forget(uploadId);
    this.#go("submitted");
  }

  async #submit(id: string, wishes: Wishes, api: Api): Promise<Submitted> {
    try {
      return await this.#around.submitted.of({ id, wishes }, this.#tell, never);
    } catch (error) {
      // Alone it waits until there is room, and says so.
      if (error instanceof Refused && error.slug === "too-many-jobs") return api.submit(id, wishes);
      throw error;
    }
  }

  async #send(wishes: Wishes, api: Api, signal: AbortSignal): Promise<void> {
    const errand: Errand = { file: this.file, api, signal, onTrouble: this.#tell, onSent: this.#sent };
    if (this.file.size <= FORM_BYTES) await this.#sendForm(errand, wishes);
    else await this.#sendParts(errand, wishes);
    this.#remember({ isSent: true });
    this.#sent(this.file.size);
  }

  async #sendForm(errand: Errand, wishes: Wishes): Promise<void> {
    for (let refusals = 0; ; refusals += 1) {
      if (this.kept) await this.#beginAnew(this.kept.uploadId, errand.api); // it is sent as a whole again
      const upload = await unlessAborted(errand.signal, this.#around.announced.of(this.file, this.#tell, errand.signal));
      this.#keep(upload.upload_id, upload.expires_at, null, wishes);
      try {
        return await sendForm(errand, upload);
      } catch (error) {
        // The form may be over.
        if (!(error instanceof StorageRefusal) || refusals > 0) throw error;
      }
    }
  }

  async #sendParts(errand: Errand, wishes: Wishes): Promise<void> {
    const begun = this.kept && this.kept.partBytes !== null ? await errand.api.list(this.kept.uploadId) : null;
    const upload = begun ?? (await errand.api.begin(this.file));
    this.#keep(upload.upload_id, upload.expires_at, upload.part_bytes, wishes);
    holdFor(upload.upload_id, errand.signal);
    await sendParts(errand, upload);
  }

  #keep(uploadId: string, expiresAt: string, partBytes: number | null, wishes: Wishes): void {
    this.kept = { ...this.print, uploadId, expiresAt, partBytes, isSent: false, wishes };
    this.#around.memory.put(this.kept);
  }

  #remember(change: Partial<Kept>): void {
    if (!this.kept) return;
    this.kept = { ...this.kept, ...change };
    this.#around.memory.put(this.kept);
  }

  async #beginAnew(uploadId: string, api: Api): Promise<void> {
    await api.giveUp(uploadId);
    this.#around.memory.forget(uploadId);
  }

  async #drop(uploadId: string): Promise<void> {
    this.#around.memory.forget(uploadId);
    // It would end by itself after a day.
    await this.#api(never).giveUp(uploadId).catch(() => undefined);
  }

  #api(signal: AbortSignal): Api {
    return new Api(this.#around.root, this.#around.session, signal, this.#tell);
  }

  #tell = (text: string | null): void => {
    if (this.trouble === text) return;
    this.trouble = text;
    this.#onChange(this);
  };

  #sent = (bytes: number): void => {
    this.sentBytes = bytes;
    this.pace.note(bytes);
    this.#onChange(this);
  };

  #go(stage: Stage): void {
    this.stage = stage;
    if (stage !== "sending") this.trouble = null;
    this.#onChange(this);
  }
}
