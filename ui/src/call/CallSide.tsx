import { type FormEvent, type Ref, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button, Facts, Segments } from '../design'
import { DocumentList } from '../document/DocumentsCard'
import { clock, personName } from '../i18n/format'
import type { CallView } from '../ipc/generated/CallView'
import type { TelevisitView } from '../ipc/generated/TelevisitView'
import { ParticipantsCard } from '../televisit/TelevisitDetail'

export type SideTab = 'record' | 'documents' | 'people'

type Props = {
  visit: TelevisitView
  view: CallView | null
  tab: SideTab
  onTab: (tab: SideTab) => void
  chatOpen: boolean
  stopped: boolean
  fieldRef: Ref<HTMLInputElement>
  onChat: (text: string) => Promise<boolean | null>
  onPhone: () => void
}

/** Beside the call: what was recorded, the referral, earlier reports, the chat. */
export function CallSide({ visit, view, tab, onTab, chatOpen, stopped, fieldRef, onChat, onPhone }: Props) {
  const { t } = useTranslation(['call', 'televisit', 'patient'])
  const documents = visit.documents.filter(({ patient_id }) => patient_id === visit.patient.id)
  const representative = visit.consent?.representative
  return (
    <aside className="call-side" aria-label={t('side')} data-pane="side">
      <Segments<SideTab>
        label={t('side')}
        value={tab}
        onChange={onTab}
        testId="side"
        options={[
          { value: 'record', label: t('record') },
          { value: 'documents', label: t('reports'), count: documents.length },
          { value: 'people', label: t('people') },
        ]}
      />
      <div className="call-side-body">
        {tab === 'record' ? (
          <>
            <div className="call-block">
              <Facts
                items={[
                  {
                    name: t('identity'),
                    value: visit.identity
                      ? `${t(`televisit:methods.${visit.identity.method}`)}, ${clock(visit.identity.at)}`
                      : '',
                  },
                  {
                    name: t('consent'),
                    value: visit.consent ? t(visit.consent.to_image ? 'toServiceAndImage' : 'toService') : '',
                  },
                  ...(representative
                    ? [
                        {
                          name: t('representative'),
                          value: `${personName(representative)}, ${t(`patient:${representative.title}`)}`,
                        },
                      ]
                    : []),
                  {
                    name: t('phone'),
                    value: (
                      <Button kind="link" onPress={onPhone} testId="call-phone">
                        {view?.phone ?? visit.patient.phone ?? t('patient:noPhone')}
                      </Button>
                    ),
                  },
                ]}
              />
            </div>
            {visit.prescription ? (
              <div className="call-block">
                <h2 className="call-h">{t('televisit:question')}</h2>
                <p>{visit.prescription.question}</p>
                <p className="t-xs mut">{visit.prescription.requester}</p>
              </div>
            ) : null}
            <div className="call-block">
              <div className="line">
                <h2 className="call-h grow">{t('televisit:documents')}</h2>
                {documents.length > 2 ? (
                  <Button kind="quiet" small onPress={() => onTab('documents')}>
                    {t('all')}
                  </Button>
                ) : null}
              </div>
              <DocumentList patientId={visit.patient.id} documents={documents.slice(0, 2)} short />
            </div>
          </>
        ) : null}
        {tab === 'documents' ? (
          <div className="call-block">
            <DocumentList patientId={visit.patient.id} documents={documents} short />
          </div>
        ) : null}
        {tab === 'people' ? (
          <div className="call-block">
            <ParticipantsCard visit={visit} />
          </div>
        ) : null}
      </div>
      {chatOpen ? <Chat view={view} stopped={stopped} fieldRef={fieldRef} onChat={onChat} /> : null}
    </aside>
  )
}

function Chat({ view, stopped, fieldRef, onChat }: Pick<Props, 'view' | 'stopped' | 'fieldRef' | 'onChat'>) {
  const { t } = useTranslation('call')
  const [text, setText] = useState('')
  const list = useRef<HTMLDivElement>(null)
  const lines = view?.chat ?? []
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new line is brought into view
  useEffect(() => {
    list.current?.scrollTo?.({ top: list.current.scrollHeight })
  }, [lines.length])
  const send = async (event: FormEvent) => {
    event.preventDefault()
    const words = text.trim()
    if (words === '' || stopped) return
    if (await onChat(words)) setText('')
  }
  return (
    <section className="chat" aria-label={t('chat')} data-testid="chat">
      <div className="chat-lines" role="log" aria-label={t('chat')} ref={list}>
        {lines.length === 0 ? <p className="t-xs mut">{t('noChat')}</p> : null}
        {lines.map((line) => (
          <div
            key={line.id}
            className={`chat-line${line.mine ? ' is-mine' : ''}`}
            data-testid="chat-line"
            data-mine={line.mine}
          >
            <div className="t-xs mut">
              {t(line.mine ? 'mine' : 'from', { at: clock(line.at) })}
              {line.mine && !line.received ? `, ${t('sentNot')}` : ''}
            </div>
            {line.text}
          </div>
        ))}
      </div>
      <form className="chat-form" onSubmit={(event) => void send(event)}>
        <input
          ref={fieldRef}
          className="ps-input"
          aria-label={t('writeTo')}
          placeholder={stopped ? t('chatStopped') : t('writeTo')}
          value={text}
          maxLength={4000}
          disabled={stopped || !view}
          data-testid="chat-text"
          onChange={(event) => setText(event.target.value)}
        />
        <Button kind="primary" type="submit" disabled={stopped || text.trim() === ''} testId="chat-send">
          {t('send')}
        </Button>
      </form>
    </section>
  )
}
