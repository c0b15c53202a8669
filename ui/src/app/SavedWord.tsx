import { useTranslation } from 'react-i18next'
import { Badge, Icon } from '../design'
import { clock } from '../i18n/format'

/** *Salvato 10:47*, only after it is on disk. */
export function SavedWord({ saving, failed, at }: { saving: boolean; failed: boolean; at: string | null }) {
  const { t } = useTranslation('frame')
  if (failed)
    return (
      <Badge tone="danger" icon="error" testId="saved">
        {t('draft.notSaved')}
      </Badge>
    )
  return (
    <span
      className={`line tight nw saved-word ${saving ? 'mut' : 'c-ok'}`}
      role="status"
      data-testid="saved"
      data-saving={saving}
    >
      {saving ? (
        t('draft.saving')
      ) : at ? (
        <>
          <Icon name="check" size="s" />
          {t('draft.saved', { at: clock(at) })}
        </>
      ) : null}
    </span>
  )
}
