import { say } from "./toast";
import { settleUrl } from "./url";

/** Copies the link to the view on screen. */
export async function copyLink(): Promise<void> {
  settleUrl();
  try {
    await navigator.clipboard.writeText(location.href);
    say("The link to this view is copied.");
  } catch {
    say("The browser does not allow copying here; the link is in the address bar.");
  }
}
