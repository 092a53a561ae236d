import { FACTS } from './facts';
import { namedFacts } from './named-facts';

/** `npm run contract`: which test proves which fact, and what is left out and why, as a table in Markdown. */
const named = namedFacts();
const rows = FACTS.map(({ id, says, leftOut }) => {
  const files = named.get(id)?.map((file) => file.replace(/^test\//, '').replace(/(\.test)?\.ts$/, '')) ?? [];
  return `| ${id} | ${says} | ${leftOut === null ? files.join(', ') : `left out: ${leftOut}`} |`;
});
console.log(['| id | fact | tests |', '| :-- | :-- | :-- |', ...rows].join('\n'));
