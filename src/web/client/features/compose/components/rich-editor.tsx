import { Editor, type JSONContent } from '@tiptap/core';
import { DOMParser } from '@tiptap/pm/model';
import StarterKit from '@tiptap/starter-kit';
import { useEffect, useRef, useState, type JSX } from 'react';
import { IconButton } from '../../../components/button.tsx';
import { sanitise } from '../../../lib/html/sanitise.ts';
import { t } from '../../../lib/i18n/i18n.ts';
import { Bold, Italic, Link, List, ListOrdered, Undo2 } from '../../../lib/icons.ts';
import { LinkDialog } from './link-dialog.tsx';
import css from './rich-editor.module.css';

interface Props {
  html: string;
  onChange: (html: string, text: string) => void;
}

/** TipTap without React bindings: one mount, one callback; loads only when rich text is chosen. */
export default function RichEditor({ html, onChange }: Props): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(onChange);
  latest.current = onChange;
  const [editor, setEditor] = useState<Editor>();
  const [, redraw] = useState(0);
  useEffect(() => {
    if (!place.current) return;
    const made = new Editor({
      element: place.current,
      extensions: [
        StarterKit.configure({
          heading: false,
          codeBlock: false,
          code: false,
          link: { openOnClick: false, protocols: ['https', 'http', 'mailto'], defaultProtocol: 'https' },
        }),
      ],
      // As JSON: the editor would parse a string itself, which Trusted Types refuse.
      content: { type: 'doc', content: [{ type: 'paragraph' }] },
      // Our sheet has its rules: no style element is made.
      injectCSS: false,
      autofocus: 'start',
      editorProps: { attributes: { 'aria-label': t('compose.body'), 'aria-multiline': 'true', role: 'textbox' } },
      onUpdate: ({ editor: now }) => latest.current(now.getHTML(), now.getText({ blockSeparator: '\n' })),
      onTransaction: () => redraw((n) => n + 1),
    });
    const { fragment } = sanitise(html, { allowRemote: false, inline: new Map() });
    // ProseMirror types its own JSON as any.
    const content = DOMParser.fromSchema(made.schema).parse(fragment).toJSON() as JSONContent;
    made.commands.setContent(content, { emitUpdate: false });
    made.commands.setTextSelection(0);
    setEditor(made);
    return () => made.destroy();
  }, []);
  const [linking, setLinking] = useState(false);
  const link = (href: string | undefined): void => {
    setLinking(false);
    const chain = editor?.chain().focus().extendMarkRange('link');
    if (href === undefined) chain?.unsetLink().run();
    // With nothing selected the address itself becomes the words.
    else if (editor?.state.selection.empty && !editor.isActive('link'))
      chain?.insertContent({ type: 'text', text: href, marks: [{ type: 'link', attrs: { href } }] }).run();
    else chain?.setLink({ href }).run();
  };
  return (
    <div className={css['editor']}>
      <div role="toolbar" aria-label={t('compose.format')} className={css['bar']}>
        <IconButton
          icon={Bold}
          label={t('compose.bold')}
          shortcut="Ctrl+B"
          aria-pressed={editor?.isActive('bold') ?? false}
          onClick={() => editor?.chain().focus().toggleBold().run()}
        />
        <IconButton
          icon={Italic}
          label={t('compose.italic')}
          shortcut="Ctrl+I"
          aria-pressed={editor?.isActive('italic') ?? false}
          onClick={() => editor?.chain().focus().toggleItalic().run()}
        />
        <IconButton
          icon={List}
          label={t('compose.bullets')}
          aria-pressed={editor?.isActive('bulletList') ?? false}
          onClick={() => editor?.chain().focus().toggleBulletList().run()}
        />
        <IconButton
          icon={ListOrdered}
          label={t('compose.numbers')}
          aria-pressed={editor?.isActive('orderedList') ?? false}
          onClick={() => editor?.chain().focus().toggleOrderedList().run()}
        />
        <IconButton
          icon={Link}
          label={t('compose.link')}
          aria-pressed={editor?.isActive('link') ?? false}
          onClick={() => setLinking(true)}
        />
        <IconButton
          icon={Undo2}
          label={t('compose.undo')}
          shortcut="Ctrl+Z"
          onClick={() => editor?.chain().focus().undo().run()}
        />
      </div>
      <div ref={place} className={css['place']} />
      {linking && (
        <LinkDialog
          href={String(editor?.getAttributes('link')['href'] ?? '')}
          onLink={link}
          onClose={() => (setLinking(false), editor?.commands.focus())}
        />
      )}
    </div>
  );
}
