// The header of a VCF, as far as its beginning has it.
export interface Header {
  /** The names of the file's sequences, with their lengths in bases, null where the header has none. */
  contigs: Map<string, number | null>;
  /** The names of the samples; null if the line with them comes later than what was read. */
  samples: string[] | null;
}

/** The header of a text that begins with it, and may be cut anywhere. */
export function headerOf(text: string): Header {
  const contigs = new Map<string, number | null>();
  let samples: string[] | null = null;
  const lines = text.split(/\r?\n/);
  lines.pop(); // it may be cut
  for (const line of lines) {
    if (line.startsWith("##contig=<")) {
      const id = /[<,]ID=([^,>]+)/.exec(line)?.[1];
      const length = /[<,]length=(\d+)/.exec(line)?.[1];
      if (id) contigs.set(id, length ? Number(length) : null);
    } else if (line.startsWith("#CHROM")) {
      samples = line.split("\t").slice(9);
      break;
    } else if (!line.startsWith("#")) {
      break;
    }
  }
  return { contigs, samples };
}
