import { useTranslation } from 'react-i18next'
import { Banner, Button, Card, Icon } from '../../design'
import { bytes, clock } from '../../i18n/format'
import type { PatientView } from '../../ipc/generated/PatientView'
import { useView } from '../../ipc/query'
import { iconOf } from '../CaseSide'
import type { RequestDraft } from './draft'
import { type Field, fieldsOf, mustBeRepresented } from './steps'

type Props = {
  draft: RequestDraft
  patient: PatientView
  onJump: (field: Field) => void
  onSay: (item: string) => void
}

export function RequestSide({ draft, patient, onJump, onSay }: Props) {
  const { t } = useTranslation('teleconsult')
  const station = useView('station_state', [])
  const link = station.data?.link
  const missing = fieldsOf(draft.missing)
  const all = mustBeRepresented(patient) ? 5 : 4
  const size = draft.attachments.reduce((sum, file) => sum + file.size, 0)
  return (
    <aside className="request-side" data-pane="side" aria-label={t('form.completeness')}>
      <Card
        title={t('form.completeness')}
        end={t('form.completenessOf', { done: Math.max(0, all - missing.length), of: all })}
        testId="completeness"
      >
        <div className="ps-card-body">
          <div className="request-bar" aria-hidden="true">
            {Array.from({ length: all }, (_, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the pieces never change place
              <i key={index} className={index < all - missing.length ? 'is-done' : ''} />
            ))}
          </div>
          {missing.length === 0 ? (
            <p className="t-xs mut">{t('form.allThere')}</p>
          ) : (
            <>
              <b className="t-xs">{t('form.missingTitle')}</b>
              <ul>
                {missing.map((field) => (
                  <li key={field} className="line request-miss">
                    <Icon name="warning-circle" size="s" className="c-warn" />
                    <Button kind="link" testId={`jump-${field}`} onPress={() => onJump(field)}>
                      {t(`form.missing.${field}`)}
                    </Button>
                  </li>
                ))}
              </ul>
            </>
          )}
          {draft.template.length > 0 ? (
            <div className="request-template" data-testid="unsaid">
              {draft.unsaid.length === 0 ? (
                <p className="t-xs c-ok line tight">
                  <Icon name="check" size="s" />
                  {t('form.allSaid')}
                </p>
              ) : (
                <>
                  <p className="t-xs mut">{t('form.unsaid', { count: draft.unsaid.length })}</p>
                  <ul>
                    {draft.template
                      .filter(({ id }) => draft.unsaid.includes(id))
                      .map(({ id, ask }) => (
                        <li key={id} className="line request-miss">
                          <Icon name="info-circle" size="s" className="mut" />
                          <Button kind="link" testId={`say-${id}`} onPress={() => onSay(id)}>
                            {ask}
                          </Button>
                        </li>
                      ))}
                  </ul>
                </>
              )}
            </div>
          ) : null}
        </div>
      </Card>
      <Card
        title={t('form.attachments')}
        end={
          draft.attachments.length > 0
            ? t('form.attachmentsDone', { count: draft.attachments.length, size: bytes(size) })
            : undefined
        }
      >
        <div className="ps-card-body stack">
          {draft.attachments.length === 0 ? (
            <p className="mut t-xs">{t('form.noFiles')}</p>
          ) : (
            <ul>
              {draft.attachments.map((file) => (
                <li key={file.id} className="line request-file">
                  <Icon name={iconOf(file)} />
                  <span className="grow cut">{file.name}</span>
                  <span className="t-xs mut nw">{bytes(file.size)}</span>
                </li>
              ))}
            </ul>
          )}
          <div>
            <Button small icon="clip" testId="attach-side" onPress={draft.attach}>
              {t('form.addFile')}
            </Button>
          </div>
        </div>
      </Card>
      {link && !link.online ? (
        <div className="request-offline">
          <Banner boxed tone="off" title={t('form.offlineTitle')} testId="request-offline">
            {t('form.offlineText')} {link.data_as_of ? t('form.offlineAsOf', { at: clock(link.data_as_of) }) : null}
          </Banner>
        </div>
      ) : null}
    </aside>
  )
}
