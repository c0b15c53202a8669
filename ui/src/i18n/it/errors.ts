/** For each code: what happened, what was kept, what to do. A code without its sentence does not compile. */
import type { ErrorCode } from '../../ipc/generated/ErrorCode'

export type Sentence = { happened: string; kept: string; todo: string }

export const errors: Record<ErrorCode, Sentence> = {
  region_unreachable: {
    happened: 'La Regione non risponde.',
    kept: 'Tutto è salvato su questo PC.',
    todo: 'Riprovo da solo; intanto può continuare a lavorare.',
  },
  region_unavailable: {
    happened: 'La Regione non può servire la richiesta adesso.',
    kept: 'Tutto è salvato su questo PC.',
    todo: 'Riprovo da solo tra poco.',
  },
  not_the_region: {
    happened: 'Ha risposto una pagina che non è della Regione.',
    kept: 'Nessun dato è stato inviato.',
    todo: 'Controlli l’accesso alla rete: può servire una registrazione nel browser.',
  },
  region_garbled: {
    happened: 'La risposta della Regione è arrivata incompleta.',
    kept: 'Tutto è salvato su questo PC.',
    todo: 'Riprovo da solo; se continua, chiami l’assistenza.',
  },
  region_refused: {
    happened: 'La Regione ha rifiutato la richiesta.',
    kept: 'Quello che ha scritto è salvato.',
    todo: 'Corregga quanto indicato e riprovi.',
  },
  access_expired: {
    happened: 'L’accesso è scaduto.',
    kept: 'Nulla è perso e la coda è intatta.',
    todo: 'Entri di nuovo con la Sua identità digitale.',
  },
  access_denied: {
    happened: 'Accesso non consentito.',
    kept: 'Nulla è stato mostrato; la richiesta è annotata nel registro accessi.',
    todo: 'Torni all’elenco o chieda a chi ha il ruolo necessario.',
  },
  conflict: {
    happened: 'Qualcuno ha modificato lo stesso dato prima di Lei.',
    kept: 'La Sua versione è salvata su questo PC.',
    todo: 'Riapra l’elemento e confronti le due versioni.',
  },
  already_claimed: {
    happened: 'Il caso è già assegnato.',
    kept: 'La nota che ha scritto è salvata.',
    todo: 'Scelga un altro caso o si accordi con il collega.',
  },
  first_login_needs_network: {
    happened: 'Primo accesso: serve la rete.',
    kept: 'Nulla è cambiato su questo PC.',
    todo: 'Colleghi il PC alla rete e riprovi; dopo il primo accesso potrà entrare anche senza.',
  },
  login_cancelled: {
    happened: 'L’accesso nel browser non è stato completato.',
    kept: 'Nulla è cambiato su questo PC.',
    todo: 'Scelga di nuovo come entrare.',
  },
  login_not_trusted: {
    happened: 'La risposta all’accesso non è affidabile ed è stata scartata.',
    kept: 'Nulla è cambiato su questo PC.',
    todo: 'Riprovi; se si ripete, chiami l’assistenza prima di continuare.',
  },
  no_role: {
    happened: 'La Sua identità è valida, ma la Regione non Le assegna un ruolo.',
    kept: 'Nessun dato è stato scaricato.',
    todo: 'Chieda alla Sua struttura di registrare il ruolo.',
  },
  wrong_station_secret: {
    happened: 'Il PIN o la frase di accesso non è corretta.',
    kept: 'Le bozze e la coda sono intatte.',
    todo: 'Controlli e riprovi. Non è il PIN di firma della carta.',
  },
  station_secret_delayed: {
    happened: 'Troppi tentativi non corretti.',
    kept: 'Le bozze e la coda sono intatte.',
    todo: 'Attenda il tempo indicato e riprovi.',
  },
  weak_station_secret: {
    happened: 'Il PIN o la frase scelta è troppo facile da indovinare.',
    kept: 'Nulla è cambiato.',
    todo: 'Ne scelga un’altra, senza ripetizioni né sequenze.',
  },
  session_locked: {
    happened: 'La postazione è bloccata.',
    kept: 'Quello che ha scritto è salvato.',
    todo: 'Sblocchi per continuare.',
  },
  archive_damaged: {
    happened: 'L’archivio di questo PC è danneggiato ed è stato messo da parte.',
    kept: 'Quanto è già in Regione è integro.',
    todo: 'Entri con la rete per riprendere i dati e avvisi l’assistenza.',
  },
  archive_newer: {
    happened: 'L’archivio è stato scritto da una versione più recente.',
    kept: 'L’archivio non è stato toccato.',
    todo: 'Aggiorni Postazione e riprovi.',
  },
  archive_foreign: {
    happened: 'Il file non è un archivio di Postazione.',
    kept: 'Il file non è stato toccato.',
    todo: 'Chiami l’assistenza.',
  },
  disk_full: {
    happened: 'Il disco di questo PC è pieno.',
    kept: 'Quanto era già salvato è intatto; l’ultima modifica no.',
    todo: 'Liberi spazio e riprovi, senza chiudere questa pagina.',
  },
  not_a_control_visit: {
    happened: 'La televisita è ammessa solo per visite di controllo.',
    kept: 'La prenotazione resta visibile.',
    todo: 'Per una prima visita: prenotazione in presenza al CUP.',
  },
  identity_first: {
    happened: 'Prima serve la verifica dell’identità.',
    kept: 'Nulla è stato registrato.',
    todo: 'Verifichi l’identità e poi acquisisca il consenso.',
  },
  consent_first: {
    happened: 'Prima della chiamata serve il consenso.',
    kept: 'L’identità confermata resta valida.',
    todo: 'Acquisisca il consenso.',
  },
  representative_first: {
    happened: 'Il consenso spetta a chi rappresenta l’assistito.',
    kept: 'L’identità confermata resta valida.',
    todo: 'Indichi chi dà il consenso e a quale titolo.',
  },
  patient_absent: {
    happened: 'L’assistito non è in sala d’attesa.',
    kept: 'Identità e consenso registrati restano validi.',
    todo: 'Attenda che entri, o telefoni.',
  },
  visit_over: {
    happened: 'La televisita è già conclusa.',
    kept: 'Esito e bozza del referto sono salvati.',
    todo: 'Apra il referto.',
  },
  outcome_first: {
    happened: 'Manca l’esito della televisita.',
    kept: 'La chiamata e la bozza sono salvate.',
    todo: 'Scelga l’esito per continuare.',
  },
  camera_unavailable: {
    happened: 'La camera non è disponibile.',
    kept: 'Il resto della chiamata non cambia.',
    todo: 'Controlli che sia collegata e che un altro programma non la usi.',
  },
  microphone_unavailable: {
    happened: 'Il microfono non è disponibile.',
    kept: 'Il resto della chiamata non cambia.',
    todo: 'Controlli che sia collegato e che un altro programma non lo usi.',
  },
  no_call: {
    happened: 'Non c’è una chiamata in corso.',
    kept: 'Quello che ha scritto è salvato.',
    todo: 'Torni all’agenda e apra la televisita.',
  },
  image_consent_missing: {
    happened: 'Manca il consenso all’immagine.',
    kept: 'Nessuna immagine è stata acquisita.',
    todo: 'Chieda il consenso e lo registri prima di acquisire.',
  },
  no_picture_yet: {
    happened: 'Non è ancora arrivata un’immagine dell’assistito.',
    kept: 'La chiamata continua.',
    todo: 'Attenda che il video parta e riprovi.',
  },
  report_incomplete: {
    happened: 'Il referto ha punti da correggere.',
    kept: 'La bozza è salvata.',
    todo: 'Completi i campi indicati e firmi.',
  },
  report_refused: {
    happened: 'La Regione non ha accettato il referto.',
    kept: 'Il testo è salvato e nulla è stato pubblicato.',
    todo: 'Corregga il campo indicato e firmi di nuovo.',
  },
  report_frozen: {
    happened: 'Il referto è già firmato o in consegna e non si modifica.',
    kept: 'La versione firmata è intatta.',
    todo: 'Per cambiarlo: integri o sostituisca dopo la consegna.',
  },
  not_read: {
    happened: 'Il referto non è stato letto nella versione da firmare.',
    kept: 'Il referto è salvato e non è stato firmato.',
    todo: 'Lo apra in anteprima, poi lo firmi.',
  },
  no_signing_device: {
    happened: 'Non trovo un dispositivo di firma.',
    kept: 'Il referto è salvato.',
    todo: 'Inserisca la carta nel lettore e riprovi.',
  },
  card_removed: {
    happened: 'La carta è stata tolta.',
    kept: 'Il referto è salvato e non è firmato.',
    todo: 'Inserisca di nuovo la carta e ripeta la firma.',
  },
  no_signing_certificate: {
    happened: 'Il dispositivo non ha un certificato di firma.',
    kept: 'Il referto è salvato.',
    todo: 'Usi la carta con il certificato di firma.',
  },
  certificate_expired: {
    happened: 'Il certificato di firma è scaduto.',
    kept: 'Il referto è salvato.',
    todo: 'Usi un altro dispositivo o rinnovi il certificato.',
  },
  certificate_not_yet_valid: {
    happened: 'Il certificato di firma non è ancora valido.',
    kept: 'Il referto è salvato.',
    todo: 'Controlli la data e l’ora di questo PC.',
  },
  certificate_revoked: {
    happened: 'Il certificato di firma è stato revocato.',
    kept: 'Il referto è salvato e non è stato firmato.',
    todo: 'Firmi con un altro dispositivo, o chieda un nuovo certificato a chi lo ha rilasciato.',
  },
  certificate_suspended: {
    happened: 'Il certificato di firma è sospeso.',
    kept: 'Il referto è salvato e non è stato firmato.',
    todo: 'Lo riattivi presso chi lo ha rilasciato, o firmi con un altro dispositivo.',
  },
  clock_wrong: {
    happened: 'L’orologio di questo PC è sbagliato di più di 5 minuti.',
    kept: 'Il referto è salvato e non è stato firmato: l’ora della firma non varrebbe.',
    todo: 'Corregga data e ora del PC, o chiami l’assistenza; poi firmi.',
  },
  signer_not_author: {
    happened: 'Il certificato è di un’altra persona.',
    kept: 'Il referto è salvato e non è firmato.',
    todo: 'Usi il Suo dispositivo: firma chi ha scritto.',
  },
  wrong_pin: {
    happened: 'Il PIN non è corretto.',
    kept: 'Il referto è salvato.',
    todo: 'Controlli il PIN prima di riprovare.',
  },
  wrong_pin_few_left: {
    happened: 'Il PIN non è corretto.',
    kept: 'I tentativi rimasti sono pochi; il referto è salvato.',
    todo: 'Controlli il PIN prima di riprovare.',
  },
  wrong_pin_last_try: {
    happened: 'Il PIN non è corretto.',
    kept: 'Ultimo tentativo prima del blocco; il referto è salvato.',
    todo: 'Se non è certo del PIN, si fermi e lo cerchi.',
  },
  pin_locked: {
    happened: 'Il PIN è bloccato.',
    kept: 'Il referto è salvato.',
    todo: 'Sblocchi con il PUK o chiami chi ha rilasciato la carta.',
  },
  pin_length: {
    happened: 'Il PIN è troppo corto o troppo lungo per questa carta.',
    kept: 'Nessun tentativo è stato usato; il referto è salvato.',
    todo: 'Controlli di usare il PIN di firma e non quello della postazione.',
  },
  pin_to_be_changed: {
    happened: 'La carta chiede di cambiare il PIN prima dell’uso.',
    kept: 'Il referto è salvato e non è firmato.',
    todo: 'Cambi il PIN con il programma della carta e riprovi.',
  },
  signing_cancelled: {
    happened: 'La firma è stata annullata.',
    kept: 'Il referto è salvato e non è firmato.',
    todo: 'Può firmare quando vuole.',
  },
  signing_device_busy: {
    happened: 'Un altro programma sta usando la carta.',
    kept: 'Il referto è salvato e non è firmato.',
    todo: 'Chiuda l’altro programma di firma e riprovi.',
  },
  signing_key_mismatch: {
    happened: 'La chiave della carta non corrisponde al suo certificato.',
    kept: 'Nulla è stato inviato; il referto è salvato.',
    todo: 'Usi un altro dispositivo e avvisi chi ha rilasciato la carta.',
  },
  signing_driver_stopped: {
    happened: 'Il programma della carta si è fermato.',
    kept: 'Il referto è salvato e non è firmato; Postazione continua a funzionare.',
    todo: 'Ripeta la firma: lo riavvio da solo. Se succede ancora, chiami l’assistenza.',
  },
  signing_driver_unusable: {
    happened: 'Il programma della carta non si carica su questo PC.',
    kept: 'Il referto è salvato.',
    todo: 'Chieda all’assistenza di installarlo di nuovo, nella versione adatta.',
  },
  signing_device_failed: {
    happened: 'Il dispositivo di firma non ha risposto.',
    kept: 'Il referto è salvato e non è firmato.',
    todo: 'Stacchi e ricolleghi il dispositivo, poi riprovi.',
  },
  signature_not_sound: {
    happened: 'La firma prodotta non ha superato il nostro controllo.',
    kept: 'Nulla è stato inviato; il referto è salvato.',
    todo: 'Ripeta la firma; se si ripete, chiami l’assistenza.',
  },
  time_stamp_unavailable: {
    happened: 'Nessuna autorità di marca temporale risponde.',
    kept: 'Il referto è salvato e non è partito: questa postazione non invia senza marca.',
    todo: 'Firmi di nuovo tra qualche minuto. In Impostazioni, Firma, può scegliere di lasciare la marca in attesa.',
  },
  time_stamp_refused: {
    happened: 'La marca temporale ricevuta non è valida.',
    kept: 'Il referto è salvato e non è partito: questa postazione non invia senza marca.',
    todo: 'Controlli in Impostazioni, Firma, l’autorità indicata, o chiami l’assistenza.',
  },
  wrong_otp: {
    happened: 'Il codice temporaneo non è corretto.',
    kept: 'Il referto è salvato; nulla è stato firmato.',
    todo: 'Digiti l’ultimo codice ricevuto, o ne chieda un altro.',
  },
  otp_expired: {
    happened: 'Il codice temporaneo è scaduto.',
    kept: 'Il referto è salvato; nulla è stato firmato.',
    todo: 'Chieda un altro codice e lo digiti subito.',
  },
  otp_missing: {
    happened: 'Il servizio di firma chiede un codice temporaneo.',
    kept: 'Il referto è salvato; nulla è stato firmato.',
    todo: 'Chieda il codice e lo digiti.',
  },
  signing_authorisation_expired: {
    happened: 'L’autorizzazione a firmare è scaduta prima della firma.',
    kept: 'Il referto è salvato; nulla è stato firmato.',
    todo: 'Chieda un altro codice e firmi di nuovo.',
  },
  signing_service_unreachable: {
    happened: 'Il servizio di firma remota non risponde.',
    kept: 'Il referto è salvato; nulla è stato firmato.',
    todo: 'Controlli la rete e riprovi, o firmi con la carta.',
  },
  signing_service_unavailable: {
    happened: 'Il servizio di firma remota è fuori servizio.',
    kept: 'Il referto è salvato; nulla è stato firmato.',
    todo: 'Riprovi più tardi, o firmi con la carta.',
  },
  signing_service_busy: {
    happened: 'Il servizio di firma remota chiede di attendere.',
    kept: 'Il referto è salvato; nulla è stato firmato.',
    todo: 'Riprovi dopo l’attesa indicata, o firmi con la carta.',
  },
  signing_service_login: {
    happened: 'L’accesso al servizio di firma remota è scaduto o manca.',
    kept: 'Il referto è salvato; nulla è stato firmato.',
    todo: 'Acceda di nuovo al servizio, da qui o da Impostazioni, Firma.',
  },
  signing_credential_disabled: {
    happened: 'La Sua firma remota è disattivata presso il servizio.',
    kept: 'Il referto è salvato; nulla è stato firmato.',
    todo: 'Chiami chi Le ha rilasciato la firma remota, o firmi con la carta.',
  },
  too_many_to_sign: {
    happened: 'Il servizio di firma non accetta tanti documenti con un solo codice.',
    kept: 'I referti sono salvati; nulla è stato firmato.',
    todo: 'Ne firmi meno per volta.',
  },
  signing_outcome_unknown: {
    happened: 'Il servizio di firma non ha risposto: non si sa se ha firmato.',
    kept: 'Il referto è salvato e non è partito. La richiesta non viene ripetuta da sola.',
    todo: 'Firmi di nuovo con un altro codice: una firma rimasta al servizio non viene usata.',
  },
  request_incomplete: {
    happened: 'Manca qualcosa nella richiesta.',
    kept: 'Quello che ha scritto è salvato.',
    todo: 'Completi il campo indicato.',
  },
  attachment_too_large: {
    happened: 'L’allegato supera il limite di 200 MB.',
    kept: 'Il resto della richiesta è salvato.',
    todo: 'Alleghi un file più piccolo o diviso.',
  },
  attachment_type: {
    happened: 'Il tipo di file non è accettato.',
    kept: 'Il resto della richiesta è salvato.',
    todo: 'Alleghi un PDF, un’immagine o un file DICOM.',
  },
  attachment_unreadable: {
    happened: 'Il file non si legge.',
    kept: 'Il resto della richiesta è salvato.',
    todo: 'Controlli che il file sia integro e riprovi.',
  },
  not_found: {
    happened: 'L’elemento cercato non è su questa postazione.',
    kept: 'Nulla è cambiato.',
    todo: 'Torni all’elenco e riprovi.',
  },
  bad_request: {
    happened: 'Il programma ha chiesto qualcosa di non valido.',
    kept: 'Quello che ha scritto è salvato.',
    todo: 'Riprovi; se si ripete, chiami l’assistenza con il codice qui sotto.',
  },
  internal: {
    happened: 'Il programma ha avuto un guasto.',
    kept: 'Quello che era salvato è intatto.',
    todo: 'Riprovi; se si ripete, chiami l’assistenza con il codice qui sotto.',
  },
}
