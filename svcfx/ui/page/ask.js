/** Dialogs that ask for what no file says. */

import { by, el, fill } from "./dom.js";

/** A dialog whose form is sent by `act`; what is refused is told in it, and it stays open. */
export class Ask {
  constructor(name, act) {
    Object.assign(this, { name, dialog: by(`ask-${name}`) });
    by(`${name}-cancel`).addEventListener("click", () => this.dialog.close());
    by(`${name}-form`).addEventListener("submit", async (event) => {
      event.preventDefault();
      this.wrong();
      by(`${name}-go`).disabled = true;
      try {
        await act();
        this.dialog.close();
        by(`${name}-form`).reset();
      } catch (error) {
        this.wrong(error);
      } finally {
        by(`${name}-go`).disabled = false;
      }
    });
  }

  open() {
    this.wrong();
    this.dialog.showModal();
  }

  wrong(error) {
    fill(by(`${this.name}-wrong`), error?.message ?? "", error?.hint ? el("span", { class: "hint" }, error.hint) : null);
    by(`${this.name}-wrong`).hidden = !error;
  }
}
