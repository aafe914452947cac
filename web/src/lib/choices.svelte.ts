/** What the server offers, read once. */
export const choices = $state({
  data: null as any,
  async load(): Promise<void> {
    for (let wait = 300; ; wait = Math.min(wait * 2, 5000)) {
      try {
        const answer = await fetch("api/choices");
        if (answer.ok) {
          choices.data = await answer.json();
          return;
        }
      } catch {
        /* the server may be starting */
      }
      await new Promise((done) => setTimeout(done, wait));
    }
  },
});

export async function get(path: string): Promise<any> {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`the server said ${answer.status}`);
  return answer.json();
}
