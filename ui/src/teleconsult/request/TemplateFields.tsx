import { useTranslation } from 'react-i18next'
import { Icon, TextArea } from '../../design'
import type { RequestDraft } from './draft'

/** What the chosen speciality wants to know. What the archive fills in is shown as such, and is the doctor's to change. */
export function TemplateFields({ draft, speciality }: { draft: RequestDraft; speciality: string }) {
  const { t } = useTranslation('teleconsult')
  const { template, unsaid, form, change, flush } = draft
  if (template.length === 0) return null
  const wanted = template.filter((item) => item.wanted).length
  const done = wanted - unsaid.length
  return (
    <section className="template stack" aria-label={t('form.template', { speciality })} data-testid="template">
      <div className="line wrap">
        <h3 className="grow">{t('form.template', { speciality })}</h3>
        <span className="t-xs mut nw" data-testid="template-said">
          {t('form.said', { done, of: wanted })}
        </span>
      </div>
      <p className="t-xs mut">{t('form.templateText')}</p>
      <div className="template-items">
        {template.map(({ id, ask, hint, wanted: needed, filled }) => {
          const typed = form.particulars[id]
          const words = typed ?? filled ?? ''
          return (
            <div key={id} className="template-item">
              <TextArea
                id={`template-${id}`}
                label={ask}
                optional={needed ? undefined : t('form.optional')}
                hint={
                  typed === undefined && filled ? (
                    <span className="line tight">
                      <Icon name="check" size="s" />
                      {t('form.filled')}
                    </span>
                  ) : (
                    hint || undefined
                  )
                }
                rows={1}
                value={words}
                onChange={(text) => change({ particulars: { ...form.particulars, [id]: text } })}
                onBlur={() => void flush()}
                testId={`template-${id}`}
              />
            </div>
          )
        })}
      </div>
    </section>
  )
}
