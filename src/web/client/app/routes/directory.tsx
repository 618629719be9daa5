import { useEffect, type JSX } from 'react';
import { DirectoryScreen } from '../../features/directory/components/directory-screen.tsx';
import { t } from '../../lib/i18n/i18n.ts';

export default function DirectoryRoute(): JSX.Element {
  useEffect(() => {
    document.title = `${t('nav.directory')} – Công Vụ`;
  }, []);
  return <DirectoryScreen />;
}
