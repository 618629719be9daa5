import './styles/layers.css';
import './styles/fonts.css';
import './styles/tokens.css';
import './styles/base.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { setLocale, storedLocale } from './lib/i18n/i18n.ts';
import { applyTheme, theme } from './lib/preferences.ts';
import { installDefaultPolicy } from './lib/trusted-types.ts';

installDefaultPolicy();
applyTheme(theme.get());
const root = document.getElementById('app');
if (root) void setLocale(storedLocale() ?? 'vi', false).then(() => createRoot(root).render(<App />));
