// Comfort only: every page works without this file.
(() => {
  'use strict';

  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // The button repeats the chosen move; what was typed in one move's opinion follows to the next one's.
  const chooseMoves = (form) => {
    const button = form.querySelector('footer .btn-primary');
    const radios = all('.xj-move > input[name="move"]', form);
    const words = button?.textContent;
    let before = null;
    const boxOf = (radio) => radio?.closest('.xj-move').querySelector('textarea');
    const show = () => {
      const chosen = radios.find((radio) => radio.checked);
      if (!chosen || !button) return;
      button.textContent = form.querySelector(`label[for="${chosen.id}"]`)?.textContent ?? words;
      const from = boxOf(before), to = boxOf(chosen);
      if (from && to && from !== to && !to.value) to.value = from.value;
      before = chosen;
    };
    radios.forEach((radio) => radio.addEventListener('change', show));
    show();
  };

  // Ready sentences go in at the cursor and never replace what stands there.
  const offerPhrases = (list) => {
    const box = document.getElementById(list.dataset.phrasesFor);
    if (!box) return;
    list.hidden = false;
    list.addEventListener('click', (event) => {
      const button = event.target.closest('button');
      if (!button) return;
      box.setRangeText(button.textContent, box.selectionEnd, box.selectionEnd, 'end');
      box.dispatchEvent(new Event('input', { bubbles: true }));
      box.focus();
    });
  };

  // Typing is never cut off: the count says how far over it is, the server refuses.
  const countCharacters = (box) => {
    const note = document.createElement('p');
    note.className = 'xj-hint xj-count';
    box.after(note);
    const show = () => {
      const length = [...box.value].length;
      note.textContent = `${length} / ${box.dataset.max}`;
      note.classList.toggle('is-over', length > Number(box.dataset.max));
    };
    box.addEventListener('input', show);
    show();
  };

  // J and K walk the rows, N and P turn the page, / goes to the search box. Enter opens: the link has the focus.
  const walkRows = (rows) => {
    const hint = document.querySelector('[data-keys]');
    if (hint) hint.hidden = false;
    const links = rows.map((row) => row.querySelector('.xj-row-name'));
    const here = () => rows.findIndex((row) => row.contains(document.activeElement));
    const keys = {
      j: () => links[Math.min(here() + 1, links.length - 1)],
      k: () => links[Math.max(here() - 1, 0)],
      '/': () => document.querySelector('[data-find]'),
      n: () => document.querySelector('[rel="next"]'),
      p: () => document.querySelector('[rel="prev"]'),
    };
    document.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (event.target.closest('input, textarea, select')) return;
      const key = event.key.toLowerCase();
      const target = keys[key]?.();
      if (!target) return;
      event.preventDefault();
      if (target.rel) target.click(); else target.focus();
    });
  };

  // Sums follow the typing: a section's behind its name, the whole at the end. What is no number counts nothing.
  const addUp = (sheet) => {
    const total = sheet.querySelector('.xj-total');
    const sum = (root) => all('.xj-ind-score input', root)
      .reduce((found, box) => found + (Number.parseFloat(box.value) || 0), 0);
    const write = (output, figure) => { output.textContent = String(Math.round(figure * 100) / 100); output.hidden = false; };
    const show = () => {
      all('.xj-score', sheet).forEach((part) => write(part.querySelector('output'), sum(part)));
      write(total.querySelector('output'), sum(sheet));
    };
    total.hidden = false;
    sheet.addEventListener('input', show);
    show();
  };

  // What is typed is kept some seconds after the last key, and at once when the page is left; once handed in, no more.
  // One saving waits for the one before, and handing in for the last: each names the draft that it follows.
  const keepDraft = (form) => {
    const status = form.querySelector('.xj-keep [role="status"]');
    const known = form.querySelector('input[name="draft"]');
    let waiting = 0, saving = 0, turn = Promise.resolve();
    const save = async () => {
      const typed = [...new FormData(form)].filter(([, value]) => typeof value === 'string');
      const asked = { method: 'POST', body: new URLSearchParams(typed), headers: { Accept: 'application/json' }, redirect: 'error', signal: AbortSignal.timeout(10000) };
      try {
        const answer = await fetch(form.dataset.draft, { ...asked, keepalive: document.hidden });
        const { said, saved } = await answer.json();
        if (saved) known.value = saved;
        status.textContent = said;
      } catch {
        status.textContent = form.dataset.unsaved;
      } finally {
        saving -= 1;
      }
    };
    const calm = () => { clearTimeout(waiting); waiting = 0; };
    const now = () => { calm(); saving += 1; turn = turn.then(save); };
    form.addEventListener('input', () => { calm(); waiting = setTimeout(now, 3000); });
    form.addEventListener('submit', (event) => {
      calm();
      if (!saving) return;
      event.preventDefault();
      turn.then(() => form.requestSubmit(event.submitter));
    });
    document.addEventListener('visibilitychange', () => { if (waiting && document.hidden) now(); });
  };

  all('[data-moves]').forEach(chooseMoves);
  all('[data-draft]').forEach(keepDraft);
  all('[data-sheet]').forEach(addUp);
  all('[data-phrases-for]').forEach(offerPhrases);
  all('textarea[data-max]').forEach(countCharacters);
  all('[data-print]').forEach((button) => {
    button.hidden = false;
    button.addEventListener('click', () => window.print());
  });
  all('.xj-nav, .xj-pub-nav').forEach((nav) => {
    const here = nav.querySelector('[aria-current]');
    if (here) nav.scrollLeft = here.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2; // on a phone the menu is a strip
  });
  const rows = all('[data-row]');
  if (rows.length) walkRows(rows);
})();
