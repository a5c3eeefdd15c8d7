// The field for selections: its words are coloured as they are typed, and what is wrong is marked where it is.

const TOKEN = /"[^"]*"?|[()+:=]|[^\s()+:="]+|\s+/gu;
const WORDS = new Set(["and", "or", "not"]);
const WAIT = 160; // ms

/** Splits a selection into [text, class]. */
export function tokenize(text) {
  const tokens = text.match(TOKEN) ?? [];
  return tokens.map((token, place) => {
    const next = tokens[place + 1];
    if (!token.trim()) return [token, ""];
    if (token.startsWith('"')) return [token, "quoted"];
    if ("()+:=".includes(token)) return [token, "mark"];
    if (WORDS.has(token.toLowerCase())) return [token, "word"];
    if (next === ":") return [token, "attribute"];
    if (next === "(") return [token, "function"];
    return [token, "value"];
  });
}

export class SelectionField {
  /**
   * @param {HTMLFormElement} form
   * @param {{onType: (text: string) => Promise<void>, onSubmit: (text: string) => void, onOnly: (only: boolean) => void}} calls
   */
  constructor(form, calls) {
    this.input = form.querySelector("#graph-query");
    this.only = form.querySelector("#graph-only");
    this.highlight = form.querySelector("#graph-highlight");
    this.clear = form.querySelector("#graph-clear");
    this.told = document.getElementById("graph-told");
    this.error = null;
    this.timer = 0;
    this.calls = calls;
    this.input.addEventListener("input", () => this.type());
    for (const kind of ["scroll", "keyup", "click", "blur"]) this.input.addEventListener(kind, () => this.follow());
    this.only.addEventListener("change", () => calls.onOnly(this.only.checked));
    this.clear.addEventListener("click", () => {
      this.set("");
      this.input.focus();
      calls.onSubmit("");
    });
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.input.value) return;
      event.preventDefault();
      this.set("");
      calls.onSubmit("");
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(this.timer);
      calls.onSubmit(this.input.value);
    });
    this.draw();
  }

  get value() {
    return this.input.value;
  }

  set(text) {
    clearTimeout(this.timer);
    if (this.input.value !== text) this.input.value = text;
    this.tell(null);
  }

  type() {
    this.error = null;
    this.draw();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.calls.onType(this.input.value), WAIT);
  }

  /** Says what is wrong with the selection, or that nothing is. */
  tell(error) {
    this.error = error;
    this.told.hidden = !error;
    this.told.replaceChildren();
    if (error) {
      const sign = document.createElement("span");
      sign.className = "state state-error";
      sign.textContent = "✕ error";
      const message = document.createElement("span");
      message.dir = "auto";
      message.textContent = error.message;
      this.told.append(sign, " ", message);
      if (error.hint) {
        const hint = document.createElement("span");
        hint.className = "muted";
        hint.textContent = `hint: ${error.hint}`;
        this.told.append(" ", hint);
      }
      this.input.setAttribute("aria-invalid", "true");
    } else {
      this.input.removeAttribute("aria-invalid");
    }
    this.draw();
  }

  draw() {
    const text = this.input.value;
    this.clear.hidden = !text;
    const start = this.error ? [...rangeOf(this.error, text)] : null;
    const parts = [];
    let at = 0;
    for (const [token, kind] of tokenize(text)) {
      const wrong = start !== null && at < start[1] && at + token.length > start[0];
      const span = document.createElement("span");
      span.className = `${kind ? `token-${kind}` : ""}${wrong ? " token-wrong" : ""}`.trim();
      span.textContent = token;
      parts.push(span);
      at += token.length;
    }
    if (start !== null && start[0] >= text.trimEnd().length) {
      const end = document.createElement("span");
      end.className = "token-wrong";
      end.textContent = "\u2002";
      parts.push(end);
    }
    this.highlight.replaceChildren(...parts);
    this.follow();
  }

  follow() {
    this.highlight.scrollLeft = this.input.scrollLeft;
  }
}

/** Gives where an error is. The server counts characters, scripts count halves of some; spaces before are not sent. */
function rangeOf(error, text) {
  const trimmed = text.trimStart();
  const before = text.length - trimmed.length;
  const letters = [...trimmed];
  const place = (count) => before + letters.slice(0, count).join("").length;
  return [place(error.start), Math.max(place(error.end), place(error.start) + 1)];
}
