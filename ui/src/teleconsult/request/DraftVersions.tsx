import { useTranslation } from 'react-i18next'
import { Banner, Button } from '../../design'
import { shortWhen } from '../../i18n/format'
import type { TeleconsultForm } from '../../ipc/generated/TeleconsultForm'
import type { RequestDraft } from './draft'

/** *Due versioni* of a draft, side by side. The one that is not taken stays in the archive. */
export function DraftVersions({ draft, specialities }: { draft: RequestDraft; specialities: [string, string][] }) {
  const { t } = useTranslation('teleconsult')
  const other = draft.otherVersion
  if (!other) return null
  return (
    <section className="versions" aria-label={t('versions.title')} data-testid="draft-versions">
      <Banner boxed tone="warn" title={`${t('versions.title')}.`}>
        {t('versions.draftText')}
      </Banner>
      <div className="versions-two">
        <article data-testid="version-here">
          <h3>{t('versions.draftHere')}</h3>
          <Words form={draft.form} specialities={specialities} />
          <Button testId="keep-version" onPress={() => draft.settle(false)}>
            {t('versions.keep')}
          </Button>
        </article>
        <article data-testid="version-other">
          <h3>{t('versions.draftOther', { at: shortWhen(other.saved_at) })}</h3>
          <Words form={other.form} specialities={specialities} />
          <Button testId="take-version" onPress={() => draft.settle(true)}>
            {t('versions.take')}
          </Button>
        </article>
      </div>
    </section>
  )
}

function Words({ form, specialities }: { form: TeleconsultForm; specialities: [string, string][] }) {
  const { t } = useTranslation('teleconsult')
  const speciality = specialities.find(([code]) => code === form.speciality)?.[1]
  return (
    <>
      <p className="t-xs mut">
        {[speciality, form.priority ? `${t('form.priority')} ${form.priority}` : '', form.diagnosis.trim()]
          .filter(Boolean)
          .join(', ')}
      </p>
      <p className="message-text">{form.question || t('noQuestion')}</p>
    </>
  )
}
