// The table of all variants of a job.
import "../results/results.scss";

import { VariantsPage } from "../results/page.ts";

void new VariantsPage().start();
