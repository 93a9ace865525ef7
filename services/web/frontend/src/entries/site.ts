// On every page.
import "../styles/site.scss";
