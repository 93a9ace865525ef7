// On every page: styles, Bootstrap's parts that need a script, and what site/ has.
import "../styles/site.scss";
import "bootstrap/js/dist/alert";
import "bootstrap/js/dist/collapse";
import "bootstrap/js/dist/dropdown";

import { startForms } from "../site/forms.ts";
import { startHtmx } from "../site/htmx.ts";
import { startLiveParts } from "../site/live.ts";
import { startSelection } from "../site/selection.ts";
import { startThemeSwitch } from "../site/theme.ts";
import { showLocalTimes, startCountdowns } from "../site/times.ts";
import { sendZone } from "../site/zone.ts";

startThemeSwitch();
startForms();
startHtmx();
showLocalTimes(document);
startLiveParts();
sendZone();
startSelection();
startCountdowns();
