// Forms and buttons that ask before they act (data-confirm), and selections that act at once (data-submit-on-change).
export function startForms(): void {
  document.addEventListener("submit", (event) => {
    const question = event.submitter?.dataset.confirm ?? (event.target as HTMLElement).dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  });
  document.addEventListener("change", (event) => {
    const { form } = event.target as HTMLInputElement;
    if (form?.hasAttribute("data-submit-on-change")) form.requestSubmit();
  });
}
