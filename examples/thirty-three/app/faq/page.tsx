import type { Metadata } from "next";

export const metadata: Metadata = { title: "Frequently asked questions" };

const questions = Array.from({ length: 10 }, (_, index) => ({
  question: `Question ${index + 1}: does it do what the title says?`,
  answer: `Answer ${index + 1}: yes, and it says so when it does not.`,
}));

export default function Page() {
  return (
    <article>
      <h1>Frequently asked questions</h1>
      {questions.map((entry) => (
        <details key={entry.question}>
          <summary>{entry.question}</summary>
          <p>{entry.answer}</p>
        </details>
      ))}
    </article>
  );
}
