import { render } from 'preact';
import './theme';
import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/parts.css';
import './styles/pages.css';
import { App } from './app';

render(<App />, document.getElementById('app')!);
