import { useTranslation } from 'react-i18next'
import { Button, Icon } from '../../design'
import { bytes } from '../../i18n/format'
import { iconOf } from '../CaseSide'
import type { RequestDraft } from './draft'

export function AttachmentsStep({ draft }: { draft: RequestDraft }) {
  const { t } = useTranslation('teleconsult')
  return (
    <>
      <h2>{t('form.attachments')}</h2>
      <p className="text mut">{t('form.filesText')}</p>
      <div id="field-attachments" className="stack text">
        <Files draft={draft} />
        <div>
          <Button icon="clip" testId="attach" onPress={draft.attach}>
            {t('form.addFile')}
          </Button>
        </div>
      </div>
    </>
  )
}

export function Files({ draft }: { draft: RequestDraft }) {
  const { t } = useTranslation('teleconsult')
  if (draft.attachments.length === 0) return <p className="mut t-xs">{t('form.noFiles')}</p>
  return (
    <ul className="side-lines" data-testid="draft-attachments">
      {draft.attachments.map((file) => (
        <li key={file.id}>
          <Icon name={iconOf(file)} />
          <span className="grow cut">{file.name}</span>
          <span className="t-xs mut nw">{bytes(file.size)}</span>
          <Button
            kind="quiet"
            small
            icon="delete"
            label={t('form.remove', { name: file.name })}
            testId={`detach-${file.id}`}
            onPress={() => draft.detach(file.id)}
          />
        </li>
      ))}
    </ul>
  )
}
