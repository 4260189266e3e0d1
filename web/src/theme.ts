/// Light or dark: as the system has it, unless somebody chose.
import { writable } from './store';

export type Choice = 'auto' | 'light' | 'dark';

const storedAs = 'headwater.theme';
const system = matchMedia('(prefers-color-scheme: dark)');

function storedChoice(): Choice {
  const stored = localStorage.getItem(storedAs);
  return stored === 'light' || stored === 'dark' ? stored : 'auto';
}

const choice = writable<Choice>(storedChoice());
const shown = writable<'light' | 'dark'>('light');

function apply(): void {
  const wanted = choice.get() === 'auto' ? (system.matches ? 'dark' : 'light') : choice.get() as 'light' | 'dark';
  document.documentElement.dataset.theme = wanted;
  shown.set(wanted);
}

system.addEventListener('change', apply);
apply();

export const theme = {
  choice,
  shown,
  choose(wanted: Choice): void {
    choice.set(wanted);
    localStorage.setItem(storedAs, wanted);
    apply();
  },
};
