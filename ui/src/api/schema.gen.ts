// Generated from openapi.json by `npm run types`; changes by hand are lost.

export interface paths {
    "/console/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Look who is signed in
         * @description Tells of the session, or of the bearer token, whose it is, what it opens and when it ends, whichever sandboxes these are.
         */
        get: operations["console_get"];
        put?: never;
        /**
         * Sign in to the console
         * @description Begins a session and sets its cookie, which is `HttpOnly` and `SameSite=Strict`. It ends when nobody uses it for
         *     `access.session_idle_secs`, and after `access.session_max_secs`. A login link is good for one session. The header
         *     `x-outflow-console: 1` is needed, which no page of another origin can send.
         */
        post: operations["console_sign_in"];
        /**
         * Sign out of the console
         * @description Ends the session of the cookie, and has the browser forget it. A session that is over, or none, is fine too.
         */
        delete: operations["console_sign_out"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/core/activation/disflowprovider/adhocrun": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Export segments now
         * @description An extra full export of each segment named, which leaves schedules and incremental states alone. At most 80 segments;
         *     all are taken or none. A flow to a stream has no files: `POST /runs` sends everybody once more.
         */
        post: operations["adhocrun_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/core/ups/config/entityTypes/_xdm.context.profile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the fields of profiles
         * @description Of the sandbox's datasets together, as of the last refresh: what segments and mappings may use, and how many profiles have
         *     a value in each.
         */
        get: operations["datasets_union"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/core/ups/config/schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List schedules */
        get: operations["schedules_list"];
        put?: never;
        /**
         * Schedule evaluations
         * @description Datasets are read anew before a scheduled evaluation.
         */
        post: operations["schedules_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/core/ups/config/schedules/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a schedule */
        get: operations["schedules_get"];
        put?: never;
        post?: never;
        /** Delete a schedule */
        delete: operations["schedules_delete"];
        options?: never;
        head?: never;
        /** Change a schedule */
        patch: operations["schedules_patch"];
        trace?: never;
    };
    "/data/core/ups/estimate/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Estimate how many profiles a rule selects */
        get: operations["segments_estimate"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/core/ups/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask what a rule selects
         * @description The rule is checked against the profiles. `/estimate/{id}` then says how many it selects, `/preview/{id}` shows some.
         */
        post: operations["segments_preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/core/ups/preview/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Look at profiles that a rule selects */
        get: operations["segments_sample"];
        put?: never;
        post?: never;
        /** Withdraw a question about a rule */
        delete: operations["segments_withdraw"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/core/ups/profiles/find": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Find a person
         * @description What the profile with an identity holds, in which segments it is, and whether it is kept out of all exports. Nobody's
         *     having it is no error: the list may say of them all the same. The audit log says who looked, and not for whom. A body,
         *     and no address, names the person, so that what identifies them is in no log.
         */
        post: operations["profiles_find"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/core/ups/segment/definitions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List segments */
        get: operations["segments_list"];
        put?: never;
        /**
         * Create a segment
         * @description The rule is checked, against the profiles where there are some. It has members once it is evaluated: by a job, or by
         *     the next scheduled evaluation.
         */
        post: operations["segments_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/core/ups/segment/definitions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a segment */
        get: operations["segments_get"];
        put?: never;
        post?: never;
        /**
         * Delete a segment
         * @description Refused while a flow exports it.
         */
        delete: operations["segments_delete"];
        options?: never;
        head?: never;
        /**
         * Change a segment
         * @description With the members that change, or with a JSON Patch. A changed rule is compared with the membership that the old one
         *     gave, at the next evaluation. A new name is checked against the names of files that hold it. A rule with which enabled
         *     flows would come to violate policies is refused, unless they are to be paused.
         */
        patch: operations["segments_patch"];
        trace?: never;
    };
    "/data/core/ups/segment/definitions/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a segment's history */
        get: operations["segments_history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/core/ups/segment/definitions/bulk-get": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Get several segments */
        post: operations["segments_bulk_get"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/core/ups/segment/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List evaluations */
        get: operations["segment_jobs_list"];
        put?: never;
        /**
         * Evaluate segments
         * @description Those that are named, in one pass over the profiles of the last refresh; without a body, all of the sandbox.
         */
        post: operations["segment_jobs_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/core/ups/segment/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an evaluation */
        get: operations["segment_jobs_get"];
        put?: never;
        post?: never;
        /**
         * Cancel an evaluation
         * @description One that has ended stays as it is, which is answered with 409. What it would have found is not kept.
         */
        delete: operations["segment_jobs_cancel"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/core/ups/segment/jobs/bulk-get": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Get several evaluations */
        post: operations["segment_jobs_bulk_get"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/core/ups/suppressions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List who is kept out of all exports
         * @description By hashes: what identifies people is not kept.
         */
        get: operations["suppressions_list"];
        put?: never;
        /**
         * Keep people out of all exports
         * @description From the next export on, in files and in messages, whatever segments and consent say. To a stream that was told of them
         *     an exit is sent, without attributes. Of each identity only a hash is kept.
         */
        post: operations["suppressions_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/core/ups/suppressions/remove": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let people be exported again
         * @description Those of them who are in segments are in the exports from then on. A body, and no address, names them, so that what
         *     identifies them is in no log.
         */
        post: operations["suppressions_remove"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/core/ups/whereabouts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Find where a person's data went
         * @description The files and messages that a profile was in, found by any of its identities. Messages count once all of their
         *     derivation are acknowledged, files from the moment at which they may be published. A body, and no address, names the person, so that what
         *     identifies them is in no log.
         */
        post: operations["whereabouts_find"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List alerts
         * @description One for each change of state, and one for each recovery.
         */
        get: operations["alerts_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/alerts/subscriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List alert subscriptions */
        get: operations["alerts_subscriptions"];
        put?: never;
        /**
         * Subscribe to alerts
         * @description A webhook gets the alert as JSON, signed where there is a secret: `x-outflow-signature` is the HMAC-SHA256 of
         *     `x-outflow-timestamp`, a dot and the body.
         */
        post: operations["alerts_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/alerts/subscriptions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an alert subscription */
        get: operations["alerts_get"];
        put?: never;
        post?: never;
        /** Unsubscribe from alerts */
        delete: operations["alerts_delete"];
        options?: never;
        head?: never;
        /**
         * Change an alert subscription
         * @description A secret that the patch leaves masked is kept.
         */
        patch: operations["alerts_patch"];
        trace?: never;
    };
    "/data/foundation/audit/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Check the audit log
         * @description Every hash is made again, and the last one compared with what the server remembers beside the log. Who can write the
         *     database can forge both; whoever keeps exports elsewhere can tell that too.
         */
        get: operations["audit_check"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/audit/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List who did what
         * @description Every change of the configuration with the object before and after, and every decision about an export with all that it
         *     looked at. Where filters leave most of them out, a page may have fewer, and even none, and still be followed by another.
         */
        get: operations["audit_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/audit/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Take the audit log along
         * @description One record a line, the oldest first, up to the last one there is when it begins. Whoever exports all of it can check it
         *     without the server: `hash` is the SHA-256, in hexadecimal, of the JSON text, without blanks, of the array of the hash of
         *     the line before (64 zeros for the first), `sandboxName`, `seq`, `at` in microseconds since 1970, `actor`, `action`,
         *     `noun`, `objectId`, `objectName`, and the JSON texts, without blanks, of `before`, `after` and `detail`, or null.
         */
        get: operations["audit_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/clients": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List clients
         * @description Those that may use no other sandboxes than the token does.
         */
        get: operations["clients_list"];
        put?: never;
        /**
         * Create a client
         * @description Its secret is answered this once, and stored hashed.
         */
        post: operations["clients_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/clients/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a client */
        get: operations["clients_get"];
        put?: never;
        post?: never;
        /**
         * Delete a client
         * @description Its tokens end with it. What it made stays.
         */
        delete: operations["clients_delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/clients/{id}/login-link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a login link
         * @description Whoever opens it within `access.login_link_secs` is signed in to the console as the client; once. Only `admin` makes
         *     links for `admin`. They end with the client's secret.
         */
        post: operations["clients_login_link"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/clients/{id}/secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a client a new secret
         * @description The old one and the client's tokens are not valid any more. The new one is answered this once.
         */
        post: operations["clients_rotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/dataset/datasets/{id}/labels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a dataset's labels
         * @description The header `ETag` has their version, which `If-Match` takes. A dataset that nobody has labelled has none, which is 404 with
         *     the version 0; with `empty=true` it is answered with empty ones instead.
         */
        get: operations["dataset_labels_get"];
        /**
         * Label a dataset
         * @description Labels that are left out are taken off. Of fields only those that the dataset has can be labelled; one that a refresh lost keeps its labels as long
         *     as they are sent. Labels after which
         *     enabled flows would violate a policy are refused unless those are to be paused.
         */
        put: operations["dataset_labels_put"];
        /**
         * Label a dataset for the first time
         * @description PUT does the same, and changes labels too. Labels after which enabled flows would violate a policy are refused unless
         *     those are to be paused.
         */
        post: operations["dataset_labels_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/dataset/datasets/{id}/labels/suggestions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Suggest labels for a dataset
         * @description For fields that look like e-mail addresses, phone numbers, places or ids, by their names and by the shape of the first
         *     records' values; no value is answered. Fields that have the label already, and suggestions that were refused, are left
         *     out. Nothing is labelled by asking.
         */
        get: operations["dataset_labels_suggest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/dataset/datasets/{id}/labels/suggestions/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Accept suggested labels
         * @description The fields have the labels from now on, beside those they have. Labels after which enabled flows would violate a policy
         *     are refused unless those are to be paused.
         */
        post: operations["dataset_labels_accept"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/dataset/datasets/{id}/labels/suggestions/refuse": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Refuse suggested labels
         * @description They are not suggested again for these fields. Accepting one takes the refusal back.
         */
        post: operations["dataset_labels_refuse"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/datasets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List datasets */
        get: operations["datasets_list"];
        put?: never;
        /**
         * Attach a dataset
         * @description Its files stay where they are. A refresh begins at once; `refresh` of the dataset says how it goes. The first dataset
         *     of a sandbox also brings a daily evaluation of its segments, at midnight UTC.
         */
        post: operations["datasets_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/datasets/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a dataset */
        get: operations["datasets_get"];
        put?: never;
        post?: never;
        /**
         * Detach a dataset
         * @description Its files stay. Profiles are merged anew without it.
         */
        delete: operations["datasets_delete"];
        options?: never;
        head?: never;
        /**
         * Change a dataset
         * @description Where its files, identities or timestamp change, a refresh begins. A change with which enabled flows would come to
         *     violate policies is refused, unless they are to be paused.
         */
        patch: operations["datasets_patch"];
        trace?: never;
    };
    "/data/foundation/datasets/{id}/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Look at a dataset's records
         * @description The first ones, as of the last refresh; before the first one, as its files have them where that takes a bounded time.
         */
        get: operations["datasets_preview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/datasets/{id}/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Refresh a dataset
         * @description Its files are read anew and the profiles merged. `refresh` of the dataset says how it goes.
         */
        post: operations["datasets_refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/datasets/{id}/schema": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a dataset's fields
         * @description As of the last refresh; before the first one, as its files have them where that takes a bounded time.
         */
        get: operations["datasets_schema"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/datasets/inspect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Look at files before they are attached
         * @description Attaches nothing, and finds the same wrong as attaching does with what it looks into: attaching opens every file.
         */
        post: operations["datasets_inspect"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/dulepolicy/bulk-eval": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask what many actions would violate
         * @description The answers are in the order of the questions.
         */
        post: operations["policy_evaluation_bulk_evaluate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/dulepolicy/consentPolicies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List consent policies */
        get: operations["consent_policies_list"];
        put?: never;
        /**
         * Create a consent policy
         * @description It is off unless it says that it is enabled. Its attributes must be fields of the profiles, once there are profiles: one
         *     that nobody has would withhold everybody.
         */
        post: operations["consent_policies_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/dulepolicy/consentPolicies/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a consent policy */
        get: operations["consent_policies_get"];
        /**
         * Replace a consent policy
         * @description What the body leaves out is as for a new one. The next export of every flow obeys it.
         */
        put: operations["consent_policies_put"];
        post?: never;
        /**
         * Delete a consent policy
         * @description Profiles that it withheld leave again with the next export.
         */
        delete: operations["consent_policies_delete"];
        options?: never;
        head?: never;
        /**
         * Change a consent policy
         * @description By JSON Patch; one operation may stand alone. The next export of every flow obeys it.
         */
        patch: operations["consent_policies_patch"];
        trace?: never;
    };
    "/data/foundation/dulepolicy/enabledCorePolicies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get which core policies are on */
        get: operations["policies_get_enabled"];
        /**
         * Say which core policies are on
         * @description Those that are left out are off. A list that enabled flows would violate is refused unless they are to be paused.
         */
        put: operations["policies_put_enabled"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/dulepolicy/labels/core": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List core labels */
        get: operations["labels_list_core"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/dulepolicy/labels/core/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a core label */
        get: operations["labels_get_core"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/dulepolicy/labels/custom": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List custom labels */
        get: operations["labels_list_custom"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/dulepolicy/labels/custom/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a custom label */
        get: operations["labels_get_custom"];
        /**
         * Create or change a custom label
         * @description The name in the body is the one of the address. A label stays what it is for everything that has it: nothing has one label
         *     more or less by this.
         */
        put: operations["labels_put"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/dulepolicy/marketingActions/core": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List core marketing actions */
        get: operations["marketing_actions_list_core"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/dulepolicy/marketingActions/core/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a core marketing action */
        get: operations["marketing_actions_get_core"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/dulepolicy/marketingActions/core/{id}/constraints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ask what a core action would violate
         * @description On data with these labels, or on a dataset as it is labelled.
         */
        get: operations["policy_evaluation_evaluate_core_by_labels"];
        put?: never;
        /**
         * Ask what a core action would violate on datasets
         * @description On the data of these datasets put together, as they are labelled.
         */
        post: operations["policy_evaluation_evaluate_core_by_datasets"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/dulepolicy/marketingActions/custom": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List custom marketing actions */
        get: operations["marketing_actions_list_custom"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/dulepolicy/marketingActions/custom/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a custom marketing action */
        get: operations["marketing_actions_get_custom"];
        /**
         * Create or change a custom marketing action
         * @description The name in the body is the one of the address. An action alone restricts nothing: policies deny it.
         */
        put: operations["marketing_actions_put"];
        post?: never;
        /**
         * Delete a custom marketing action
         * @description Refused while a policy, a consent policy, a flow or a target refers to it.
         */
        delete: operations["marketing_actions_delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/dulepolicy/marketingActions/custom/{id}/constraints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ask what a custom action would violate
         * @description On data with these labels, or on a dataset as it is labelled.
         */
        get: operations["policy_evaluation_evaluate_custom_by_labels"];
        put?: never;
        /**
         * Ask what a custom action would violate on datasets
         * @description On the data of these datasets put together, as they are labelled.
         */
        post: operations["policy_evaluation_evaluate_custom_by_datasets"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/dulepolicy/policies/core": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List core policies */
        get: operations["policies_list_core"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/dulepolicy/policies/core/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a core policy */
        get: operations["policies_get_core"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/dulepolicy/policies/custom": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List custom policies */
        get: operations["policies_list_custom"];
        put?: never;
        /**
         * Create a custom policy
         * @description It is a draft unless it says that it is enabled. One that enabled flows would violate is refused unless they are to be
         *     paused.
         */
        post: operations["policies_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/dulepolicy/policies/custom/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a custom policy */
        get: operations["policies_get_custom"];
        /**
         * Replace a custom policy
         * @description What the body leaves out is as for a new one. A change after which enabled flows would violate it is refused unless they
         *     are to be paused.
         */
        put: operations["policies_put"];
        post?: never;
        /**
         * Delete a custom policy
         * @description Flows that were paused because of it stay paused until somebody enables them.
         */
        delete: operations["policies_delete"];
        options?: never;
        head?: never;
        /**
         * Change a custom policy
         * @description By JSON Patch; one operation may stand alone. A change after which enabled flows would violate it is refused unless they
         *     are to be paused.
         */
        patch: operations["policies_patch"];
        trace?: never;
    };
    "/data/foundation/flowservice/connections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List accounts */
        get: operations["connections_list"];
        put?: never;
        /**
         * Connect an account
         * @description The credentials are tried before anything is saved: wrong ones are answered with 400, the reason and the steps.
         *
         *     Asked with `Accept: text/event-stream`, it answers with events: `started` with the `name` of a step, `step` with each step
         *     when it is over, and at the end one `result` with `status`, `headers` and `body` of the answer that there would be
         *     otherwise. What is wrong before the first step is a plain answer.
         */
        post: operations["connections_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/flowservice/connections/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an account
         * @description Secrets are shown as `********`.
         */
        get: operations["connections_get"];
        put?: never;
        post?: never;
        /**
         * Remove an account
         * @description Refused while a flow uses it.
         */
        delete: operations["connections_delete"];
        options?: never;
        head?: never;
        /**
         * Change an account
         * @description New credentials are tried before they are saved. A secret that the patch leaves masked is kept. Where nothing changes,
         *     nothing is probed and the etag stays.
         *
         *     Asked with `Accept: text/event-stream`, it answers with events: `started` with the `name` of a step, `step` with each step
         *     when it is over, and at the end one `result` with `status`, `headers` and `body` of the answer that there would be
         *     otherwise. What is wrong before the first step is a plain answer.
         */
        patch: operations["connections_patch"];
        trace?: never;
    };
    "/data/foundation/flowservice/connections/{id}/compare": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Compare an account
         * @description Tells which members of the body differ from what is saved, secrets in clear among them, without changing or showing
         *     anything. What the body leaves out at its top is not compared. After twenty wrong secrets within an hour the answer is
         *     429: the rest would be guesses.
         */
        post: operations["connections_compare"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/flowservice/connections/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Test an account
         * @description Reaches the far end and signs in, now. A key for encryption must still be good.
         *
         *     Asked with `Accept: text/event-stream`, it answers with events: `started` with the `name` of a step, `step` with each step
         *     when it is over, and at the end one `result` with `status`, `headers` and `body` of the answer that there would be
         *     otherwise. What is wrong before the first step is a plain answer.
         */
        get: operations["connections_test"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/flowservice/connectionSpecs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the catalog
         * @description All kinds of destination on offer, in one page.
         */
        get: operations["connection_specs_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/flowservice/connectionSpecs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a kind of destination
         * @description By today's id or an older one: an older id means the same kind.
         */
        get: operations["connection_specs_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/flowservice/flows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List flows
         * @description Filters see everything that is shown but `streamStatus`.
         */
        get: operations["flows_list"];
        put?: never;
        /**
         * Create a destination
         * @description Segments and attributes may be activated now or later, by PATCH. A flow begins enabled: its segments' schedules count
         *     from now on, and to a stream whoever is in a segment is sent at once. One that violates a policy is not saved, enabled or
         *     not.
         */
        post: operations["flows_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/flowservice/flows/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a flow */
        get: operations["flows_get"];
        put?: never;
        post?: never;
        /**
         * Delete a flow
         * @description Its exports end, one that is going on included, and so do its messages: a stream is not told that anybody left. Files that
         *     were delivered stay, and so do the runs' records.
         */
        delete: operations["flows_delete"];
        options?: never;
        head?: never;
        /**
         * Change a flow
         * @description Activates segments and attributes, changes schedules and names. All of it or nothing, and the result is checked like a
         *     new flow. A segment that leaves the flow and comes back begins with a full export; to a stream, with a message about
         *     everybody in it. A change that adds a violation of a policy is refused, and so is enabling a flow that violates one;
         *     disabling never is.
         */
        patch: operations["flows_patch"];
        trace?: never;
    };
    "/data/foundation/flowservice/flows/{id}/action": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Enable or disable a flow
         * @description A disabled flow keeps its configuration and exports nothing. Slots that pass meanwhile are not made up for. To a stream
         *     nothing is sent meanwhile; afterwards what has changed is, in one message a profile. A flow that violates a policy is not
         *     enabled, whoever or whatever disabled it.
         */
        post: operations["flows_action"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/flowservice/flows/{id}/letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the messages that a flow's target refused
         * @description They count as failed, and nothing waits for them. `POST flows/{id}/letters/redeliver` sends what their profiles are by
         *     then. One is listed until its profile was sent again, or until a later message about the profile was acknowledged, which
         *     says all that this one would have said.
         */
        get: operations["flows_letters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/flowservice/flows/{id}/letters/redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send what a flow's target refused again
         * @description Of each profile whose message was refused, its state by then, as a new message with a new sequence: what was refused is
         *     out of date, and would be refused again. Goes out with the next messages of the flow.
         */
        post: operations["flows_redeliver"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/flowservice/flows/{id}/messageSchema": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the schema of a flow's messages
         * @description A JSON Schema of what the flow sends as it is now: its attributes with the types that profiles have, its segments, and
         *     what its target tells of them.
         */
        get: operations["flows_message_schema"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/flowservice/flows/policyCheck": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check a flow against policies
         * @description Saves nothing. The body is a flow as it would be created, or one as it is shown, changed or not: what is wrong with it is
         *     answered as saving would. Saving refuses a new flow, or one that is enabled, for any of `violations`, and another one for
         *     those that it did not have before. With the member `assumed` it says what policies would say if that were so: `policies`
         *     (custom ones as they are shown, by their `id`), `enabledCorePolicies` (all ids that are on), `datasetLabels` (all labels
         *     of datasets, by the dataset's id), `segments` (as they are shown, by their `id`), `marketingActions` (references to
         *     those that there are not yet), and `targetActions` (references to all marketing actions of targets, by the target's id).
         *     An id that names nothing of the sandbox is answered with 400.
         */
        post: operations["flows_check"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/flowservice/flows/rowsPreview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Look at what a flow would export
         * @description The first rows of the files, or the first messages, of some members of a segment: by its latest evaluation, or by its rule
         *     where there is none. They are written by what writes exports. Saves nothing and sends nothing. Nobody is shown who would
         *     be withheld, and nothing of a flow that violates a policy. Duplicates are not looked for, and files are neither compressed nor
         *     encrypted.
         */
        post: operations["flows_rows_preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/flowservice/flows/withheldPreview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Count who would be withheld from a flow
         * @description Saves nothing. The body is a flow as it would be created, or one as it is shown. Of each of its segments it is counted
         *     how many members of the latest evaluation consent policies and the suppression list would keep out of an export.
         */
        post: operations["flows_preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/flowservice/flowSpecs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List flow specs
         * @description What the flows of each kind of destination may say, in one page.
         */
        get: operations["flow_specs_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/flowservice/flowSpecs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a flow spec */
        get: operations["flow_specs_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/flowservice/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List runs
         * @description Those of one flow with `property=flowId==ID`.
         */
        get: operations["runs_list"];
        put?: never;
        /**
         * Run a flow now
         * @description Does what the schedules would do next: every activated segment in its own mode. A flow to a stream sends everybody who
         *     is in its segments once more, changed or not. Refused while such a run is going on, or while the flow is disabled.
         */
        post: operations["runs_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/flowservice/runs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a run */
        get: operations["runs_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/flowservice/runs/{id}/action": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel or retry a run
         * @description `cancel` ends a run that has not ended; nothing half-done stays at the destination. `retry` (or `RE_TRIGGER`) carries a
         *     failed or cancelled run out again, after the plan that it had: what was delivered already is found and kept. A window of
         *     a flow to a stream takes neither; disabling the flow stops its messages.
         */
        post: operations["runs_action"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/flowservice/runs/{id}/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the files of a run */
        get: operations["runs_files"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/flowservice/runs/{id}/progress": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Watch a run
         * @description Server-sent events: `progress` with profiles, rows and bytes so far, their pace and the seconds left; and at the end
         *     one `end`, with the same members.
         */
        get: operations["runs_progress"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/flowservice/runs/{id}/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Verify a run
         * @description Every file of a successful run is read back from the destination and hashed, as a job: `verification` of the run says
         *     how it goes and what was found.
         */
        post: operations["runs_verify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/flowservice/sourceConnections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List sources */
        get: operations["source_connections_list"];
        put?: never;
        /** Name the profile store as a source */
        post: operations["source_connections_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/flowservice/sourceConnections/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a source */
        get: operations["source_connections_get"];
        put?: never;
        post?: never;
        /**
         * Remove a source
         * @description Refused while a flow reads from it.
         */
        delete: operations["source_connections_delete"];
        options?: never;
        head?: never;
        /** Change a source */
        patch: operations["source_connections_patch"];
        trace?: never;
    };
    "/data/foundation/flowservice/targetConnections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List targets */
        get: operations["target_connections_list"];
        put?: never;
        /**
         * Set a destination up
         * @description A delivery to the bucket or folder is tried before anything is saved: what is missing or not allowed is answered with
         *     400, the reason and the steps. Nothing is left behind.
         *
         *     Asked with `Accept: text/event-stream`, it answers with events: `started` with the `name` of a step, `step` with each step
         *     when it is over, and at the end one `result` with `status`, `headers` and `body` of the answer that there would be
         *     otherwise. What is wrong before the first step is a plain answer.
         */
        post: operations["target_connections_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/foundation/flowservice/targetConnections/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a target */
        get: operations["target_connections_get"];
        put?: never;
        post?: never;
        /**
         * Remove a target
         * @description Refused while a flow delivers to it. Files that were delivered stay.
         */
        delete: operations["target_connections_delete"];
        options?: never;
        head?: never;
        /**
         * Change a target
         * @description Another bucket, folder or account is tried before it is saved. Deliveries from then on go there. Flows that use it must
         *     still make sense: file names that would come out wrong refuse the change, and so do violations of policies by marketing
         *     actions that are added, unless the flows are to be paused.
         *
         *     Asked with `Accept: text/event-stream`, it answers with events: `started` with the `name` of a step, `step` with each step
         *     when it is over, and at the end one `result` with `status`, `headers` and `body` of the answer that there would be
         *     otherwise. What is wrong before the first step is a plain answer.
         */
        patch: operations["target_connections_patch"];
        trace?: never;
    };
    "/data/foundation/flowservice/targetConnections/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Test a target
         * @description Makes the calls of a delivery to the bucket or folder, now, and leaves nothing behind.
         *
         *     Asked with `Accept: text/event-stream`, it answers with events: `started` with the `name` of a step, `step` with each step
         *     when it is over, and at the end one `result` with `status`, `headers` and `body` of the answer that there would be
         *     otherwise. What is wrong before the first step is a plain answer.
         */
        get: operations["target_connections_test"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the server lives
         * @description It answers, and that is all that is said: who restarts it when this fails does not help against a database that is
         *     away.
         */
        get: operations["health_live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ims/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Revoke a token
         * @description Who holds a token may end it. A token that is not valid any more is fine too.
         */
        post: operations["tokens_revoke"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ims/token/v3": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get a token
         * @description A client's id and secret for a bearer token. The client `admin` is made at the first start of a server; its secret
         *     lies in the data folder. A token may do what its client may, or less: `read` looks at everything, `write` also
         *     changes, runs and tries, `*` also makes clients.
         */
        post: operations["tokens_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Metrics for Prometheus
         * @description Requests by route and status, their durations, connections to the database, runs by state, jobs that wait and that are
         *     carried out. Any client's token will do; the setting `access.open_metrics` asks for none.
         */
        get: operations["health_metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The OpenAPI document */
        get: operations["health_openapi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the server can work
         * @description The database answers.
         */
        get: operations["health_ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * SuppressionsAdded
         * @description What adding answers.
         * @example {
         *       "added": 1,
         *       "known": 0
         *     }
         */
        Added: {
            /**
             * Format: int64
             * @description How many were not in the list.
             */
            added: number;
            /**
             * Format: int64
             * @description How many were.
             */
            known: number;
            /** @description Namespaces that no dataset has, by place: likely a slip, and nobody is left out by those. */
            warnings?: components["schemas"]["Problem"][];
        };
        /**
         * AdhocOrders
         * @description The runs. Documentation only.
         * @example {
         *       "order": [
         *         {
         *           "segment": "7f04b2a6-5f7e-4e7f-9b3a-6d3c4e2a1b5c",
         *           "order": "b0780cb5-2bb7-4409-bf2c-c625ca818588",
         *           "statusURL": "http://127.0.0.1:8787/data/foundation/flowservice/runs/88d6da63-dc97-460e-b781-fc795a7386d9"
         *         }
         *       ]
         *     }
         */
        AdhocOrders: {
            /** @description Each with `segment`, `order` (the flow) and `statusURL` (the run). */
            order: unknown[];
            /** @description What is allowed but unwise. */
            warnings?: components["schemas"]["Problem"][] | null;
        };
        /**
         * AdhocRequest
         * @description What to export. Documentation only.
         * @example {
         *       "activationInfo": {
         *         "b0780cb5-2bb7-4409-bf2c-c625ca818588": [
         *           "7f04b2a6-5f7e-4e7f-9b3a-6d3c4e2a1b5c"
         *         ]
         *       }
         *     }
         */
        AdhocRequest: {
            /** @description Segments by flow. */
            activationInfo: unknown;
            /** @description Accepted and not looked at: the latest evaluation is exported. */
            exportIds?: string[] | null;
        };
        /**
         * AlertChannel
         * @description How somebody is told. Documentation only.
         */
        AlertChannel: {
            secret?: string | null;
            /** @enum {string} */
            type: "webhook";
            url: string;
        } | {
            to: components["schemas"]["AlertRecipients"];
            /** @enum {string} */
            type: "email";
        };
        /**
         * AlertRecipients
         * @description Who gets an e-mail. Documentation only.
         */
        AlertRecipients: string | string[];
        /**
         * Alerts
         * @description Alerts. Documentation only.
         * @example {
         *       "items": [
         *         {
         *           "id": "0f2a8f4f-2d6e-4a0e-9a57-2f3f7f524a30",
         *           "kind": "runFailure",
         *           "state": "open",
         *           "flowId": "3d17a4ff-9e0a-4f7c-94bb-bc0b61a3a76d",
         *           "message": "the run failed: the bucket does not exist"
         *         }
         *       ],
         *       "_links": {}
         *     }
         */
        Alerts: {
            /** @description The next page. */
            _links: components["schemas"]["Links"];
            /**
             * Format: int64
             * @description All that match, where it was asked for.
             */
            count?: number | null;
            /** @description True where `count` is not of all. */
            countIsPartial?: boolean | null;
            /** @description Each with `kind`, `state`, `flowId`, `segmentId`, `runId` and `message`; the newest first. */
            items: unknown[];
        };
        /**
         * AskedConsent
         * @description What one consent policy asks.
         */
        AskedConsent: {
            /** @description The rule that is true of profiles that are exported. */
            allowed: string;
            /** @description The policy's id. */
            id: string;
            /** @description Its name. */
            name: string;
        };
        /**
         * AskedDataset
         * @description A dataset that is asked about. Documentation only.
         * @example {
         *       "entityType": "dataSet",
         *       "entityId": "5e61e66e-e8b4-4a7b-8d41-70c74b0b981a",
         *       "entityMeta": {
         *         "fields": [
         *           "/properties/email"
         *         ]
         *       }
         *     }
         */
        AskedDataset: {
            /** @description The dataset's id. */
            entityId: string;
            /** @description `fields`: those that count; all without it. */
            entityMeta?: unknown;
            /** @description Always `dataSet`. */
            entityType: string;
        };
        /**
         * AuditCheck
         * @description What a check found.
         * @example {
         *       "intact": true,
         *       "records": 1024,
         *       "brokenAt": null,
         *       "next": null
         *     }
         */
        AuditCheck: {
            /**
             * Format: int64
             * @description The first number at which the log is not what was written; null where it is.
             */
            brokenAt?: number | null;
            /** @description Whether every record that was looked at is as it was written, and none is missing. */
            intact: boolean;
            /**
             * Format: int64
             * @description The `after` of the request that goes on; null where the end was reached.
             */
            next?: number | null;
            /**
             * Format: int64
             * @description Records that were looked at.
             */
            records: number;
        };
        /**
         * AuditEvent
         * @description A record as it is shown. Documentation only.
         * @example {
         *       "seq": 7,
         *       "at": "2026-11-26T22:54:31.000123Z",
         *       "sandboxName": "prod",
         *       "actor": "admin",
         *       "action": "updated",
         *       "noun": "flow",
         *       "objectId": "3d17a4ff-9e0a-4f7c-94bb-bc0b61a3a76d",
         *       "objectName": "Loyal customers to the agency",
         *       "before": {
         *         "name": "Loyal customers to the agency"
         *       },
         *       "after": {
         *         "name": "Loyal customers to the agency"
         *       },
         *       "detail": null,
         *       "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
         *     }
         */
        AuditEvent: {
            /**
             * @description `created`, `updated`, `deleted`, `paused`, `exportAllowed`, `exportRefused`, `suppressed`, `unsuppressed`,
             *     `reshaped`: a refresh found other fields in a dataset; `lookedUp`: somebody looked at a person's profile; of clients `secretReset`, `loginLinkMade` and `signedIn`, to
             *     the console.
             */
            action: string;
            /** @description The client that did it; `outflow` where the server did it by itself. */
            actor: string;
            /** @description The object afterwards, where it was created or changed. */
            after?: unknown;
            /** @description When it was. */
            at: string;
            /** @description The object before, where it was changed or deleted. */
            before?: unknown;
            /** @description What else belongs to it; of a decision, all that it looked at. */
            detail?: unknown;
            /**
             * @description SHA-256, in hexadecimal, of the JSON array of the hash before and of this record's members in the order of its
             *     export.
             */
            hash: string;
            /**
             * @description What kind of object it is about: `connection`, `sourceConnection`, `targetConnection`, `flow`, `segment`, `dataset`,
             *     `datasetLabels`, `suggestionDecision`, `labelDefinition`, `marketingAction`, `policy`, `enabledCorePolicies`,
             *     `consentPolicy`, `suppression`, `profile`, `scheduleConfig`, `alertSubscription` or `client`.
             */
            noun: string;
            /** @description The object's id. */
            objectId: string;
            /** @description The object's name at that time. */
            objectName: string;
            /** @description The sandbox; `*` for what is about all of them. */
            sandboxName: string;
            /**
             * Format: int64
             * @description Its number in the sandbox, from 1 on without a gap.
             */
            seq: number;
        };
        /**
         * AuditEvents
         * @description A page of records. Documentation only.
         * @example {
         *       "items": [
         *         {
         *           "seq": 7,
         *           "at": "2026-11-26T22:54:31.000123Z",
         *           "sandboxName": "prod",
         *           "actor": "outflow",
         *           "action": "exportAllowed",
         *           "noun": "flow",
         *           "objectId": "3d17a4ff-9e0a-4f7c-94bb-bc0b61a3a76d",
         *           "objectName": "Loyal customers to the agency",
         *           "before": null,
         *           "after": null,
         *           "detail": {
         *             "runId": "98fbed6e-f896-4b19-b279-b0d56d732d8d"
         *           },
         *           "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
         *         }
         *       ],
         *       "_links": {}
         *     }
         */
        AuditEvents: {
            /** @description The next page. */
            _links: components["schemas"]["Links"];
            /** @description The records, the newest first unless `orderby` says otherwise. */
            items: components["schemas"]["AuditEvent"][];
        };
        /**
         * Auth
         * @description How to sign in. Documentation only.
         */
        Auth: {
            /** @description What that form asks for. Secrets are shown as `********`. */
            params: unknown;
            /** @description A name of the connection spec's `authSpec`. */
            specName: string;
        };
        /**
         * AuthSpec
         * @description A way to sign in. Documentation only.
         */
        AuthSpec: {
            /** @description What `auth.specName` of a connection names it by. */
            name: string;
            /** @description The form as JSON Schema. */
            spec: {
                [key: string]: unknown;
            };
            /** @description What people call it. */
            title: string;
            /** @description The kind of credentials. */
            type: string;
        };
        /**
         * Balance
         * @description What became of each profile. Documentation only.
         */
        Balance: {
            /**
             * Format: int64
             * @description Those that were another one's duplicates.
             */
            duplicates: number;
            /** @description Those that were left out, by reason. */
            excluded: {
                [key: string]: number;
            };
            /**
             * Format: int64
             * @description Those that could not be written.
             */
            failed: number;
            /**
             * Format: int64
             * @description Those that the rule does not select.
             */
            notSelected: number;
            /**
             * Format: int64
             * @description Profiles that were read.
             */
            profilesRead: number;
            /**
             * Format: int64
             * @description Those that it selects.
             */
            profilesSelected: number;
            /**
             * Format: int64
             * @description Those that were written.
             */
            profilesWritten: number;
            /**
             * Format: int64
             * @description Rows that were written.
             */
            rowsWritten: number;
        };
        /**
         * ClientRequest
         * @description A client as it is sent. Documentation only.
         * @example {
         *       "id": "reporting",
         *       "name": "Reports",
         *       "scopes": [
         *         "read"
         *       ],
         *       "sandboxes": [
         *         "prod"
         *       ]
         *     }
         */
        ClientRequest: {
            /** @description What it will call itself: at most 64 letters, digits, `-`, `_` and `.`. */
            id: string;
            /** @description What people call it; the id without it. */
            name?: string | null;
            /** @description The sandboxes that its tokens open, or `*` for all; `prod` without it. */
            sandboxes?: string[] | null;
            /**
             * @description `read` to look at everything, `write` to change it too, `*` to make clients as well. A scope includes those
             *     before it.
             */
            scopes: string[];
        };
        /**
         * Clients
         * @description A list of clients. Documentation only.
         * @example {
         *       "items": [
         *         {
         *           "id": "reporting",
         *           "name": "Reports",
         *           "scopes": [
         *             "read"
         *           ],
         *           "sandboxes": [
         *             "prod"
         *           ],
         *           "createdAt": 1670284443204
         *         }
         *       ],
         *       "_links": {}
         *     }
         */
        Clients: {
            /** @description Always empty: a list has one page. Left out where one client is asked for. */
            _links?: components["schemas"]["Links"];
            /** @description The clients, the oldest first. */
            items: components["schemas"]["ShownClient"][];
        };
        /**
         * ClientSecret
         * @description A client's new secret.
         * @example {
         *       "id": "reporting",
         *       "secret": "kX3…"
         *     }
         */
        ClientSecret: {
            /** @description The client. */
            id: string;
            /** @description Its secret: this answer is the only one that shows it. */
            secret: string;
        };
        /**
         * Common
         * @description Members that every object has beside its own. Documentation only.
         */
        Common: {
            /**
             * Format: int64
             * @description When it was made, in milliseconds since 1970.
             */
            createdAt: number;
            /** @description The client that made it. */
            createdBy: string;
            /** @description Its version, in quotes, as `If-Match` takes it. */
            etag: string;
            /** @description The object's id. */
            id: string;
            /** @description The organisation, as the server is set up. */
            imsOrgId: string;
            /** @description The sandbox it is in. */
            sandboxName: string;
            /**
             * Format: int64
             * @description When it was last changed, in milliseconds since 1970.
             */
            updatedAt: number;
            /** @description The client that changed it last. */
            updatedBy: string;
            /** @description The same as `etag`. */
            version: string;
        };
        /**
         * Comparison
         * @description What differs.
         * @example {
         *       "same": false,
         *       "changed": [
         *         "/auth/params/s3SecretKey"
         *       ]
         *     }
         */
        Comparison: {
            /** @description JSON pointers of what differs, never values. */
            changed: string[];
            /** @description Whether nothing differs. */
            same: boolean;
        };
        /**
         * Connection
         * @description An account as it is sent. Documentation only.
         * @example {
         *       "name": "Exports bucket",
         *       "description": "The account of the export user",
         *       "connectionSpec": {
         *         "id": "4fce964d-3f37-408f-9778-e597338a21ee",
         *         "version": "1.0"
         *       },
         *       "auth": {
         *         "specName": "Access Key",
         *         "params": {
         *           "s3AccessKey": "AKIA…",
         *           "s3SecretKey": "…",
         *           "region": "eu-west-1"
         *         }
         *       }
         *     }
         */
        Connection: {
            auth?: components["schemas"]["Auth"] | null;
            /** @description The kind of destination. */
            connectionSpec: components["schemas"]["SpecReference"];
            /** @description What it is for. */
            description?: string | null;
            encryption?: components["schemas"]["Encryption"] | null;
            /** @description What people call it. */
            name: string;
        };
        /**
         * Connections
         * @description A list of accounts. Documentation only.
         * @example {
         *       "items": [
         *         {
         *           "id": "69f188b6-af07-4587-8061-e94d34637b41",
         *           "createdAt": 1668637963851,
         *           "updatedAt": 1668637963851,
         *           "createdBy": "admin",
         *           "updatedBy": "admin",
         *           "sandboxName": "prod",
         *           "imsOrgId": "outflow",
         *           "version": "\"1\"",
         *           "etag": "\"1\"",
         *           "name": "Exports bucket",
         *           "state": "enabled",
         *           "connectionSpec": {
         *             "id": "4fce964d-3f37-408f-9778-e597338a21ee",
         *             "version": "1.0"
         *           },
         *           "auth": {
         *             "specName": "Access Key",
         *             "params": {
         *               "s3AccessKey": "AKIA…",
         *               "s3SecretKey": "********"
         *             }
         *           }
         *         }
         *       ],
         *       "_links": {}
         *     }
         */
        Connections: {
            /** @description The next page; left out where one object is asked for. */
            _links?: components["schemas"]["Links"];
            /**
             * Format: int64
             * @description All that match, where it was asked for.
             */
            count?: number | null;
            /** @description True where `count` is not of all. */
            countIsPartial?: boolean | null;
            /** @description The accounts. */
            items: components["schemas"]["ShownConnection"][];
        };
        /**
         * ConnectionSpec
         * @description A kind of destination on offer. Documentation only.
         */
        ConnectionSpec: {
            /** @description Category, connection type, guide and drawing for the catalog. */
            attributes: components["schemas"]["SpecAttributes"];
            /** @description Ways to sign in, each with its form as JSON Schema in `spec`. */
            authSpec: components["schemas"]["AuthSpec"][];
            /** @description How files can be encrypted: for the `encryption` of a connection. */
            encryptionSpecs: components["schemas"]["SpecForm"][];
            /** @description The id by which connections name it. */
            id: string;
            /** @description The name on the catalog card. */
            name: string;
            /** @description Who provides it. */
            providerId: string;
            targetSpec?: components["schemas"]["SpecForm"] | null;
            /** @description Always `1.0`. */
            version: string;
        };
        /**
         * ConnectionSpecs
         * @description A list of kinds of destination. Documentation only.
         * @example {
         *       "items": [
         *         {
         *           "id": "4fce964d-3f37-408f-9778-e597338a21ee",
         *           "name": "Amazon S3",
         *           "providerId": "outflow",
         *           "version": "1.0",
         *           "authSpec": [
         *             {
         *               "name": "Access Key",
         *               "title": "Access Key",
         *               "type": "KeyBased",
         *               "spec": {
         *                 "type": "object"
         *               }
         *             }
         *           ],
         *           "encryptionSpecs": [],
         *           "targetSpec": {
         *             "name": "User based target",
         *             "type": "UserNamespace",
         *             "spec": {
         *               "type": "object"
         *             }
         *           },
         *           "attributes": {
         *             "description": "Files in a bucket.",
         *             "category": "Cloud storage",
         *             "connectionType": "S3"
         *           }
         *         }
         *       ],
         *       "_links": {}
         *     }
         */
        ConnectionSpecs: {
            /** @description Always without a next page; left out where one object is asked for. */
            _links?: components["schemas"]["Links"];
            /** @description The kinds. */
            items: components["schemas"]["ConnectionSpec"][];
        };
        /**
         * ConsentAgreement
         * @description What a profile must say. Documentation only.
         */
        ConsentAgreement: {
            path: string;
            values: string[];
        } | {
            operands: components["schemas"]["ConsentAgreement"][];
            operator: components["schemas"]["Operator"];
        };
        /**
         * ConsentCondition
         * @description When a consent policy applies. Documentation only.
         */
        ConsentCondition: {
            marketingActionRef: string;
        } | {
            label: string;
        } | {
            operands: components["schemas"]["ConsentCondition"][];
            operator: components["schemas"]["Operator"];
        };
        /**
         * ConsentPolicies
         * @description A page of consent policies. Documentation only.
         * @example {
         *       "_page": {
         *         "count": 0,
         *         "totalCount": 0
         *       },
         *       "_links": {
         *         "page": {
         *           "href": ""
         *         },
         *         "_page": {
         *           "href": "",
         *           "templated": "true"
         *         }
         *       },
         *       "children": []
         *     }
         */
        ConsentPolicies: {
            /** @description The next page. */
            _links: components["schemas"]["PageLinks"];
            /** @description What the page says of itself. */
            _page: components["schemas"]["PageInfo"];
            /** @description The policies. */
            children: components["schemas"]["ShownConsentPolicy"][];
        };
        /**
         * ConsentPolicy
         * @description A consent policy as it is sent. Documentation only.
         * @example {
         *       "name": "E-mail needs consent",
         *       "description": "Who has not agreed is not written to",
         *       "status": "DISABLED",
         *       "if": {
         *         "marketingActionRef": "/dulepolicy/marketingActions/core/emailTargeting"
         *       },
         *       "then": {
         *         "path": "consents.marketing.email",
         *         "values": [
         *           "y"
         *         ]
         *       }
         *     }
         */
        ConsentPolicy: {
            /** @description What it is for. */
            description?: string | null;
            /** @description When it applies. */
            if: components["schemas"]["ConsentCondition"];
            /** @description What people call it. */
            name: string;
            status?: components["schemas"]["PolicyStatus"] | null;
            /** @description What a profile must say then. Who says nothing has not agreed. */
            then: components["schemas"]["ConsentAgreement"];
        };
        /**
         * Constraints
         * @description What an action would violate. Documentation only.
         * @example {
         *       "timestamp": 1670284443204,
         *       "clientId": "admin",
         *       "userId": "admin",
         *       "imsOrg": "outflow",
         *       "sandboxName": "prod",
         *       "marketingActionRef": "https://outflow.example/data/foundation/dulepolicy/marketingActions/core/emailTargeting",
         *       "duleLabels": [
         *         "C1",
         *         "C3"
         *       ],
         *       "violatedPolicies": []
         *     }
         */
        Constraints: {
            /** @description The client that asked. */
            clientId: string;
            /** @description Where they were found, where datasets were asked about: each with `entityType`, `entityId` and `dataSetLabels`. */
            discoveredLabels?: unknown[] | null;
            /** @description The labels that were asked about, or found on the datasets. */
            duleLabels: string[];
            /** @description The organisation, as the server is set up. */
            imsOrg: string;
            /** @description The action's address. */
            marketingActionRef: string;
            /** @description The sandbox that was asked about. */
            sandboxName: string;
            /**
             * Format: int64
             * @description When it was asked, in milliseconds since 1970.
             */
            timestamp: number;
            /** @description The same. */
            userId: string;
            /** @description The policies that the action would violate. */
            violatedPolicies: components["schemas"]["ShownPolicy"][];
            /** @description What is odd about the question: labels that there are not. */
            warnings?: components["schemas"]["Problem"][] | null;
        };
        /**
         * CoreLabel
         * @description A label of the product. Documentation only.
         * @example {
         *       "name": "C1",
         *       "category": "Contract",
         *       "friendlyName": "Aggregate export only",
         *       "description": "Leaves only aggregated",
         *       "imsOrg": "core",
         *       "_links": {
         *         "self": {
         *           "href": "https://outflow.example/data/foundation/dulepolicy/labels/core/C1"
         *         }
         *       }
         *     }
         */
        CoreLabel: components["schemas"]["Label"] & {
            /** @description Where it is found. */
            _links: components["schemas"]["SelfLinks"];
            /** @description Always `core`. */
            imsOrg: string;
        };
        /**
         * CoreLabels
         * @description A page of labels of the product. Documentation only.
         * @example {
         *       "_page": {
         *         "count": 0,
         *         "totalCount": 0
         *       },
         *       "_links": {
         *         "page": {
         *           "href": ""
         *         },
         *         "_page": {
         *           "href": "",
         *           "templated": "true"
         *         }
         *       },
         *       "children": []
         *     }
         */
        CoreLabels: {
            /** @description The next page. */
            _links: components["schemas"]["PageLinks"];
            /** @description What the page says of itself. */
            _page: components["schemas"]["PageInfo"];
            /** @description The labels. */
            children: components["schemas"]["CoreLabel"][];
        };
        /**
         * CoreMarketingAction
         * @description A marketing action of the product. Documentation only.
         * @example {
         *       "name": "exportToThirdParty",
         *       "friendlyName": "Export to Third Party",
         *       "description": "Hand data to another company",
         *       "imsOrg": "core",
         *       "_links": {
         *         "self": {
         *           "href": "https://outflow.example/data/foundation/dulepolicy/marketingActions/core/exportToThirdParty"
         *         }
         *       }
         *     }
         */
        CoreMarketingAction: components["schemas"]["MarketingAction"] & {
            /** @description Where it is found. */
            _links: components["schemas"]["SelfLinks"];
            /** @description A short name for people. */
            friendlyName: string;
            /** @description Always `core`. */
            imsOrg: string;
        };
        /**
         * CoreMarketingActions
         * @description A page of marketing actions of the product. Documentation only.
         * @example {
         *       "_page": {
         *         "count": 0,
         *         "totalCount": 0
         *       },
         *       "_links": {
         *         "page": {
         *           "href": ""
         *         },
         *         "_page": {
         *           "href": "",
         *           "templated": "true"
         *         }
         *       },
         *       "children": []
         *     }
         */
        CoreMarketingActions: {
            /** @description The next page. */
            _links: components["schemas"]["PageLinks"];
            /** @description What the page says of itself. */
            _page: components["schemas"]["PageInfo"];
            /** @description The actions. */
            children: components["schemas"]["CoreMarketingAction"][];
        };
        /**
         * Created
         * @description What creating and changing answer.
         * @example {
         *       "id": "3d17a4ff-9e0a-4f7c-94bb-bc0b61a3a76d",
         *       "etag": "\"1\""
         *     }
         */
        Created: {
            /** @description Its version, in quotes, as `If-Match` takes it. */
            etag: string;
            /** @description The object's id. */
            id: string;
        };
        /**
         * Custom
         * @description What every custom object has beside its own members. Documentation only.
         */
        Custom: {
            /** @description Where it is found. */
            _links: components["schemas"]["SelfLinks"];
            /**
             * Format: int64
             * @description When it was made, in milliseconds since 1970.
             */
            created: number;
            /** @description The client that made it. */
            createdClient: string;
            /** @description The same. */
            createdUser: string;
            /** @description Its version, in quotes, as `If-Match` takes it. */
            etag: string;
            /** @description The organisation, as the server is set up. */
            imsOrg: string;
            /** @description The sandbox it is in. */
            sandboxName: string;
            /**
             * Format: int64
             * @description When it was last changed, in milliseconds since 1970.
             */
            updated: number;
            /** @description The client that changed it last. */
            updatedClient: string;
            /** @description The same. */
            updatedUser: string;
        };
        /**
         * CustomLabel
         * @description A label of the organisation. Documentation only.
         * @example {
         *       "name": "L2",
         *       "category": "Custom",
         *       "friendlyName": "Purchase history",
         *       "description": "Tells what somebody bought",
         *       "imsOrg": "outflow",
         *       "sandboxName": "prod",
         *       "created": 1670284443204,
         *       "createdClient": "admin",
         *       "createdUser": "admin",
         *       "updated": 1670284443204,
         *       "updatedClient": "admin",
         *       "updatedUser": "admin",
         *       "etag": "\"1\"",
         *       "_links": {
         *         "self": {
         *           "href": "https://outflow.example/data/foundation/dulepolicy/labels/custom/L2"
         *         }
         *       }
         *     }
         */
        CustomLabel: components["schemas"]["Label"] & components["schemas"]["Custom"];
        /**
         * CustomLabels
         * @description A page of labels of the organisation. Documentation only.
         * @example {
         *       "_page": {
         *         "count": 0,
         *         "totalCount": 0
         *       },
         *       "_links": {
         *         "page": {
         *           "href": ""
         *         },
         *         "_page": {
         *           "href": "",
         *           "templated": "true"
         *         }
         *       },
         *       "children": []
         *     }
         */
        CustomLabels: {
            /** @description The next page. */
            _links: components["schemas"]["PageLinks"];
            /** @description What the page says of itself. */
            _page: components["schemas"]["PageInfo"];
            /** @description The labels. */
            children: components["schemas"]["CustomLabel"][];
        };
        /**
         * CustomMarketingAction
         * @description A marketing action of the organisation. Documentation only.
         * @example {
         *       "name": "analyticsDB",
         *       "description": "Push data to an external database",
         *       "imsOrg": "outflow",
         *       "sandboxName": "prod",
         *       "created": 1670284443204,
         *       "createdClient": "admin",
         *       "createdUser": "admin",
         *       "updated": 1670284443204,
         *       "updatedClient": "admin",
         *       "updatedUser": "admin",
         *       "etag": "\"1\"",
         *       "_links": {
         *         "self": {
         *           "href": "https://outflow.example/data/foundation/dulepolicy/marketingActions/custom/analyticsDB"
         *         }
         *       }
         *     }
         */
        CustomMarketingAction: components["schemas"]["MarketingAction"] & components["schemas"]["Custom"];
        /**
         * CustomMarketingActions
         * @description A page of marketing actions of the organisation. Documentation only.
         * @example {
         *       "_page": {
         *         "count": 0,
         *         "totalCount": 0
         *       },
         *       "_links": {
         *         "page": {
         *           "href": ""
         *         },
         *         "_page": {
         *           "href": "",
         *           "templated": "true"
         *         }
         *       },
         *       "children": []
         *     }
         */
        CustomMarketingActions: {
            /** @description The next page. */
            _links: components["schemas"]["PageLinks"];
            /** @description What the page says of itself. */
            _page: components["schemas"]["PageInfo"];
            /** @description The actions. */
            children: components["schemas"]["CustomMarketingAction"][];
        };
        /**
         * CustomPolicy
         * @description A policy of the organisation. Documentation only.
         * @example {
         *       "id": "76131228-7654-11e8-adc0-fa7ae01bbebc",
         *       "name": "Email Policy",
         *       "status": "ENABLED",
         *       "marketingActionRefs": [
         *         "https://outflow.example/data/foundation/dulepolicy/marketingActions/core/emailTargeting"
         *       ],
         *       "description": "Where nobody is written to",
         *       "deny": {
         *         "label": "C4"
         *       },
         *       "imsOrg": "outflow",
         *       "sandboxName": "prod",
         *       "created": 1670284443204,
         *       "createdClient": "admin",
         *       "createdUser": "admin",
         *       "updated": 1670284443204,
         *       "updatedClient": "admin",
         *       "updatedUser": "admin",
         *       "etag": "\"1\"",
         *       "_links": {
         *         "self": {
         *           "href": "https://outflow.example/data/foundation/dulepolicy/policies/custom/76131228-7654-11e8-adc0-fa7ae01bbebc"
         *         }
         *       }
         *     }
         */
        CustomPolicy: components["schemas"]["Policy"] & components["schemas"]["Custom"] & {
            /** @description The policy's id. */
            id: string;
            /** @description Flows that the change paused, where it was asked to. */
            pausedFlows?: components["schemas"]["PausedFlow"][] | null;
        };
        /**
         * Dataset
         * @description A dataset as it is sent. Documentation only.
         * @example {
         *       "name": "CRM",
         *       "source": {
         *         "format": "parquet",
         *         "urls": [
         *           "/data/lake/crm/*.parquet"
         *         ]
         *       },
         *       "identities": [
         *         {
         *           "path": "crmId",
         *           "namespace": "CRMID",
         *           "primary": true
         *         },
         *         {
         *           "path": "personalEmail.address",
         *           "namespace": "Email"
         *         }
         *       ],
         *       "timestamp": "modifiedAt"
         *     }
         */
        Dataset: {
            /** @description What it is. */
            description?: string | null;
            /** @description What identifies a person; the first is primary unless another says so. */
            identities: components["schemas"]["DatasetIdentity"][];
            /** @description What people call it; no two of a sandbox have one name. */
            name: string;
            /** @description Where its records lie. */
            source: components["schemas"]["DatasetSource"];
            /** @description When a record was written: of one person's records the newest counts. */
            timestamp?: string | null;
        };
        /**
         * DatasetCounts
         * @description What a refresh found. Documentation only.
         */
        DatasetCounts: {
            /**
             * Format: int64
             * @description Profiles that they make.
             */
            profiles: number;
            /**
             * Format: int64
             * @description Records in its files.
             */
            records: number;
            /**
             * Format: int64
             * @description Records that a newer one of the same profile replaces.
             */
            superseded: number;
            /**
             * Format: int64
             * @description Records without a primary identity, which make none.
             */
            withoutIdentity: number;
        };
        /**
         * DatasetIdentity
         * @description A field that identifies a person. Documentation only.
         */
        DatasetIdentity: {
            /** @description The system that it belongs to, such as `Email`. */
            namespace: string;
            /** @description Where it is in a record. */
            path: string;
            /** @description Whether profiles are known by it. */
            primary?: boolean | null;
        };
        /**
         * Datasets
         * @description A list of datasets. Documentation only.
         * @example {
         *       "items": [
         *         {
         *           "id": "5e61e66e-e8b4-4a7b-8d41-70c74b0b981a",
         *           "createdAt": 1670284443204,
         *           "updatedAt": 1670284532205,
         *           "createdBy": "admin",
         *           "updatedBy": "admin",
         *           "sandboxName": "prod",
         *           "imsOrgId": "outflow",
         *           "version": "\"1\"",
         *           "etag": "\"1\"",
         *           "name": "CRM",
         *           "source": {
         *             "urls": [
         *               "/data/lake/crm/*.parquet"
         *             ]
         *           },
         *           "identities": [
         *             {
         *               "path": "crmId",
         *               "namespace": "CRMID",
         *               "primary": true
         *             }
         *           ],
         *           "refresh": {
         *             "state": "success"
         *           },
         *           "counts": {
         *             "records": 1000,
         *             "profiles": 990,
         *             "withoutIdentity": 4,
         *             "superseded": 6
         *           }
         *         }
         *       ],
         *       "_links": {}
         *     }
         */
        Datasets: {
            /** @description The next page; left out where one object is asked for. */
            _links?: components["schemas"]["Links"];
            /**
             * Format: int64
             * @description All that match, where it was asked for.
             */
            count?: number | null;
            /** @description True where `count` is not of all. */
            countIsPartial?: boolean | null;
            /** @description The datasets. */
            items: components["schemas"]["ShownDataset"][];
        };
        /**
         * DatasetSource
         * @description Where the records of a dataset lie. Documentation only.
         */
        DatasetSource: {
            /** @description `parquet`, `csv` or `ndjson`, where the files' names do not tell it. */
            format?: string | null;
            /** @description Absolute paths, globs, `file://` and `s3://` URLs. */
            urls: string[];
        };
        /**
         * DepartureTarget
         * @description The target of a departure. Documentation only.
         */
        DepartureTarget: {
            /** @description The target's id. */
            id: string;
            /** @description Its name. */
            name?: string | null;
            /** @description Where it is. */
            url?: string | null;
        };
        /**
         * DurationSummary
         * @description When a run ran. Documentation only.
         */
        DurationSummary: {
            /**
             * Format: int64
             * @description When it ended, in milliseconds since 1970.
             */
            completedAtUTC?: number | null;
            /**
             * Format: int64
             * @description When it began, in milliseconds since 1970.
             */
            startedAtUTC?: number | null;
        };
        /**
         * EnabledCorePolicies
         * @description Which core policies are on. Documentation only.
         * @example {
         *       "policyIds": [
         *         "corepolicy_0001"
         *       ]
         *     }
         */
        EnabledCorePolicies: {
            /** @description Their ids; all others are off. */
            policyIds: string[];
        };
        /**
         * Encryption
         * @description How an account's files are encrypted. Documentation only.
         */
        Encryption: {
            key?: components["schemas"]["EncryptionKey"] | null;
            /** @description The key. */
            params: components["schemas"]["EncryptionParams"];
            /** @description A name of the connection spec's `encryptionSpecs`: `File Encryption`. */
            specName?: string | null;
        };
        /**
         * EncryptionKey
         * @description What an account's key is. Documentation only.
         */
        EncryptionKey: {
            /** @description What that subkey is. */
            algorithm: string;
            /** @description The fingerprint of the subkey to which files are encrypted. */
            encryptionFingerprint: string;
            /** @description From when on nothing is encrypted to it any more. */
            expiresAt?: string | null;
            /** @description The key's fingerprint. */
            fingerprint: string;
            /** @description Whose key it says it is. */
            userId?: string | null;
        };
        /**
         * EncryptionParams
         * @description The key of an account's files. Documentation only.
         */
        EncryptionParams: {
            /** @description `PGP/GPG`. */
            encryptionAlgo?: string | null;
            /** @description An OpenPGP public key: armor, or the Base64 of it. */
            publicKey: string;
        };
        /**
         * Enforcement
         * @description What data is used for. Documentation only.
         */
        Enforcement: {
            /** @description References to marketing actions. */
            enforcementRefs?: string[] | null;
        };
        /**
         * EntityName
         * @description An object's id and name. Documentation only.
         */
        EntityName: {
            /** @description Its id. */
            id: string;
            /** @description Its name. */
            name: string;
        };
        /**
         * Estimate
         * @description An estimate. Documentation only.
         * @example {
         *       "state": "RESULT_READY",
         *       "estimatedSize": 12123,
         *       "low": 12000,
         *       "high": 12250,
         *       "totalRows": 35935,
         *       "numRowsToRead": 35935,
         *       "profilesReadSoFar": 35935,
         *       "profilesMatchedSoFar": 12123,
         *       "standardError": 0,
         *       "confidenceInterval": "95%",
         *       "error": {
         *         "description": "",
         *         "traceback": ""
         *       },
         *       "_links": {
         *         "preview": "/preview/4a45e853"
         *       }
         *     }
         */
        Estimated: {
            /** @description Where some of the profiles are shown. */
            _links: unknown;
            /** @description How sure the interval is. */
            confidenceInterval: string;
            /** @description Empty. */
            error: unknown;
            /**
             * Format: int64
             * @description Profiles that the rule selects, estimated from those that were read.
             */
            estimatedSize: number;
            /**
             * Format: int64
             * @description The upper end of the interval.
             */
            high: number;
            /**
             * Format: int64
             * @description The lower end of the interval.
             */
            low: number;
            /**
             * Format: int64
             * @description Profiles that were to be read.
             */
            numRowsToRead: number;
            /**
             * Format: int64
             * @description Of those, profiles that the rule selects.
             */
            profilesMatchedSoFar: number;
            /**
             * Format: int64
             * @description Profiles that were read.
             */
            profilesReadSoFar: number;
            /**
             * Format: int64
             * @description In whole profiles, rounded up; 0 where all were read.
             */
            standardError: number;
            /** @description Always `RESULT_READY`. */
            state: string;
            /**
             * Format: int64
             * @description All profiles.
             */
            totalRows: number;
        };
        /**
         * Evaluated
         * @description The answer to one evaluation. Documentation only.
         * @example {
         *       "status": 404,
         *       "error": {
         *         "type": "about:blank",
         *         "title": "Not Found",
         *         "status": 404,
         *         "detail": "there is no marketing action none"
         *       }
         *     }
         */
        Evaluated: {
            body?: components["schemas"]["Constraints"] | null;
            /** @description Why it has none. */
            error?: unknown;
            /**
             * Format: int32
             * @description The status that it would have alone.
             */
            status: number;
        };
        /**
         * Evaluation
         * @description One evaluation of many. Documentation only.
         * @example {
         *       "evalRef": "/dulepolicy/marketingActions/core/emailTargeting/constraints",
         *       "includeDraft": false,
         *       "labels": [
         *         "C1",
         *         "C3"
         *       ]
         *     }
         */
        Evaluation: {
            /** @description Instead of labels: datasets, as in a request for one evaluation. */
            entityList?: components["schemas"]["AskedDataset"][] | null;
            /** @description The action's address with `/constraints` behind it. */
            evalRef: string;
            /** @description Whether policies that are drafts have a say, too. */
            includeDraft?: boolean | null;
            /** @description Labels that the data would have. */
            labels?: string[] | null;
        };
        /**
         * Expression
         * @description A rule. Documentation only.
         */
        Expression: {
            /** @description How `value` is written. */
            format: components["schemas"]["ExpressionFormat"];
            /** @description Always `PQL`. */
            type: string;
            /** @description The rule's text. */
            value: string;
        };
        /**
         * ExpressionFormat
         * @description How a rule is written. Documentation only.
         * @enum {string}
         */
        ExpressionFormat: "pql/text" | "sql/text";
        /**
         * FieldLabels
         * @description The labels of a field. Documentation only.
         * @example {
         *       "option": {
         *         "schemaPath": "/properties/email"
         *       },
         *       "labels": [
         *         "I1"
         *       ]
         *     }
         */
        FieldLabels: {
            /** @description Its labels. */
            labels: string[];
            /** @description Which field. Other members are kept. */
            option: components["schemas"]["FieldOption"];
        };
        /**
         * FieldNode
         * @description A field. Documentation only.
         */
        FieldNode: {
            /** @description The fields inside, where there are some. */
            fields?: components["schemas"]["FieldNode"][];
            /**
             * Format: int64
             * @description Of the fields of profiles: how many profiles have a value.
             */
            filled?: number | null;
            /** @description Its name. */
            name: string;
            /** @description Its path, as rules and mappings write it. */
            path: string;
            /** @description Its type: `string`, `integer`, `list<string>` and so on. */
            type: string;
        };
        /**
         * FieldOption
         * @description Which field has labels. Documentation only.
         */
        FieldOption: {
            /** @description `/properties/NAME/properties/NAME`, with `/items` for a list's elements and `/additionalProperties` for a map's values. */
            schemaPath: string;
        };
        /**
         * FieldUse
         * @description A use of a field of profiles. Documentation only.
         */
        FieldUse: {
            /** @description What it is used for. */
            kind: components["schemas"]["UseKind"];
            /** @description The field. */
            path: string;
            /** @description JSON Pointer of the selector's `value` in the flow, where the field is mapped. */
            pointer?: string | null;
            /** @description The segments whose membership the rule reads, outermost first, of which the last one's rule reads the field. */
            through?: components["schemas"]["EntityName"][] | null;
        };
        /**
         * FileSummary
         * @description Files of a run. Documentation only.
         */
        FileSummary: {
            /**
             * Format: int64
             * @description Files that were read.
             */
            inputFileCount?: number | null;
            /**
             * Format: int64
             * @description Files that were delivered.
             */
            outputFileCount: number;
        };
        /**
         * Flow
         * @description A flow as it is sent. Documentation only.
         * @example {
         *       "name": "Loyal customers to the agency",
         *       "flowSpec": {
         *         "id": "269ba276-16fc-47db-92b0-c1049a3c131f",
         *         "version": "1.0"
         *       },
         *       "sourceConnectionIds": [
         *         "f3a5e232-eba3-428b-aa69-921d122d5db5"
         *       ],
         *       "targetConnectionIds": [
         *         "94c6fb2e-9431-42fd-aeee-c83e67c43578"
         *       ],
         *       "transformations": [
         *         {
         *           "name": "GeneralTransform",
         *           "params": {
         *             "segmentSelectors": {
         *               "selectors": [
         *                 {
         *                   "type": "PLATFORM_SEGMENT",
         *                   "value": {
         *                     "id": "54669488-03ab-4e0d-a694-37fe49e32be8",
         *                     "name": "Loyal",
         *                     "filenameTemplate": "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%",
         *                     "exportMode": "DAILY_FULL_EXPORT",
         *                     "schedule": {
         *                       "frequency": "DAILY",
         *                       "triggerType": "SCHEDULED",
         *                       "startDate": "2026-01-05",
         *                       "startTime": "20:00"
         *                     }
         *                   }
         *                 }
         *               ]
         *             },
         *             "profileSelectors": {
         *               "selectors": [
         *                 {
         *                   "type": "JSON_PATH",
         *                   "value": {
         *                     "path": "personalEmail.address",
         *                     "operator": "EXISTS"
         *                   }
         *                 }
         *               ]
         *             },
         *             "mandatoryFields": [
         *               "personalEmail.address"
         *             ]
         *           }
         *         }
         *       ],
         *       "policy": {
         *         "enforcementRefs": [
         *           "/dulepolicy/marketingActions/core/emailTargeting"
         *         ]
         *       }
         *     }
         */
        Flow: {
            /** @description What it is for. */
            description?: string | null;
            /** @description The flow spec of the destination's kind, or the generic one. */
            flowSpec: components["schemas"]["SpecReference"];
            /** @description What people call it. */
            name: string;
            policy?: components["schemas"]["Enforcement"] | null;
            /**
             * @description How segments that bring no schedule of their own are exported: `interval` and `timeUnit` (3, 6, 8, 12 or 24
             *     `hour`, 1 `day`, or 0 for once), `startTime` and `endTime` in seconds since 1970, `exportMode`.
             */
            scheduleParams?: unknown;
            /** @description One source: the profile store. */
            sourceConnectionIds: string[];
            /** @description `enabled` or `disabled`. */
            state?: string | null;
            /** @description One target. */
            targetConnectionIds: string[];
            /**
             * @description What is activated: one `GeneralTransform` with segments, each with schedule and file name, and attributes. In a
             *     flow to a stream segments have neither, and `params.streaming` says what sends a message: `triggers`
             *     (`segmentation`, `attributes`, `identities`, each true), `rewrites` and `coalesce` (both false).
             */
            transformations?: unknown[] | null;
        };
        /**
         * Flows
         * @description A list of flows. Documentation only.
         * @example {
         *       "items": [
         *         {
         *           "id": "3d17a4ff-9e0a-4f7c-94bb-bc0b61a3a76d",
         *           "createdAt": 1670284443204,
         *           "updatedAt": 1670284532205,
         *           "createdBy": "admin",
         *           "updatedBy": "admin",
         *           "sandboxName": "prod",
         *           "imsOrgId": "outflow",
         *           "version": "\"1\"",
         *           "etag": "\"1\"",
         *           "name": "Loyal customers to the agency",
         *           "state": "enabled",
         *           "flowSpec": {
         *             "id": "269ba276-16fc-47db-92b0-c1049a3c131f",
         *             "version": "1.0"
         *           },
         *           "sourceConnectionIds": [
         *             "f3a5e232-eba3-428b-aa69-921d122d5db5"
         *           ],
         *           "targetConnectionIds": [
         *             "94c6fb2e-9431-42fd-aeee-c83e67c43578"
         *           ],
         *           "inheritedAttributes": {
         *             "properties": {
         *               "isDestinationFlow": true
         *             }
         *           },
         *           "runs": "/runs?property=flowId==3d17a4ff-9e0a-4f7c-94bb-bc0b61a3a76d",
         *           "lastRunDetails": {
         *             "id": "98fbed6e-f896-4b19-b279-b0d56d732d8d",
         *             "state": "success",
         *             "startedAtUTC": 1670284458833,
         *             "completedAtUTC": 1670284518048
         *           }
         *         }
         *       ],
         *       "_links": {}
         *     }
         */
        Flows: {
            /** @description The next page; left out where one object is asked for. */
            _links?: components["schemas"]["Links"];
            /**
             * Format: int64
             * @description All that match, where it was asked for.
             */
            count?: number | null;
            /** @description True where `count` is not of all. */
            countIsPartial?: boolean | null;
            /** @description The flows. */
            items: components["schemas"]["ShownFlow"][];
        };
        /**
         * FlowSpec
         * @description What flows of some kinds may say. Documentation only.
         */
        FlowSpec: {
            /** @description Frequencies of a segment's schedule. */
            attributes: unknown;
            /** @description The id by which flows name it. */
            id: string;
            /** @description What it is called. */
            name: string;
            /** @description Who provides it. */
            providerId: string;
            /** @description Kinds of source connections. */
            sourceConnectionSpecIds: string[];
            /** @description Kinds of target connections, with their older ids. */
            targetConnectionSpecIds: string[];
            /** @description What `transformations` may hold. */
            transformationSpecs: unknown[];
            /** @description Always `1.0`. */
            version: string;
        };
        /**
         * FlowSpecs
         * @description A list of flow specs. Documentation only.
         * @example {
         *       "items": [
         *         {
         *           "id": "269ba276-16fc-47db-92b0-c1049a3c131f",
         *           "name": "Amazon S3",
         *           "providerId": "outflow",
         *           "version": "1.0",
         *           "sourceConnectionSpecIds": [
         *             "8a9c3494-9708-43d7-ae3f-cda01e5030e1"
         *           ],
         *           "targetConnectionSpecIds": [
         *             "4fce964d-3f37-408f-9778-e597338a21ee"
         *           ],
         *           "transformationSpecs": [
         *             {
         *               "name": "GeneralTransform"
         *             }
         *           ],
         *           "attributes": {
         *             "isDestinationFlow": true
         *           }
         *         }
         *       ],
         *       "_links": {}
         *     }
         */
        FlowSpecs: {
            /** @description Always without a next page; left out where one object is asked for. */
            _links?: components["schemas"]["Links"];
            /** @description The specs. */
            items: components["schemas"]["FlowSpec"][];
        };
        /**
         * FoundPerson
         * @description A person, as far as the server knows them. Documentation only.
         * @example {
         *       "identity": {
         *         "namespace": "Email",
         *         "id": "ada@example.org"
         *       },
         *       "suppressed": false,
         *       "profileIds": [
         *         "CRMID:4711"
         *       ],
         *       "profilesTotal": 1,
         *       "profile": {
         *         "id": "CRMID:4711",
         *         "recordedAt": 1795564800000,
         *         "attributes": {
         *           "crmId": "4711",
         *           "person": {
         *             "birthYear": 1990
         *           }
         *         },
         *         "identityMap": {
         *           "CRMID": [
         *             {
         *               "id": "4711"
         *             }
         *           ],
         *           "Email": [
         *             {
         *               "id": "ada@example.org"
         *             }
         *           ]
         *         },
         *         "segmentMembership": [
         *           {
         *             "segmentId": "54669488-03ab-4e0d-a694-37fe49e32be8",
         *             "name": "Loyal customers",
         *             "status": "existing",
         *             "lastQualificationTime": 1795478400000,
         *             "evaluatedAt": 1795651200000
         *           }
         *         ],
         *         "leftOut": [],
         *         "segmentsUnknown": []
         *       },
         *       "snapshot": {
         *         "id": "0b2f6c",
         *         "profiles": 1000,
         *         "createdAt": 1795650000000
         *       }
         *     }
         */
        FoundPerson: {
            /** @description What was asked for. */
            identity: components["schemas"]["IdentityBody"];
            profile?: components["schemas"]["ShownProfile"] | null;
            /** @description The profiles that have the identity, by their primary ones: 1,000 at most. `profile` is the first. */
            profileIds: string[];
            /**
             * Format: int64
             * @description How many profiles have the identity; 1,000 where they are more.
             */
            profilesTotal: number;
            snapshot?: components["schemas"]["ShownSnapshot"] | null;
            /** @description Whether they are kept out of all exports: the identity, or another one of the profile, is on the suppression list. */
            suppressed: boolean;
            suppression?: components["schemas"]["ShownSuppression"] | null;
        };
        /**
         * Health
         * @description How the server is.
         * @example {
         *       "status": "ok"
         *     }
         */
        Health: {
            /** @description `ok`. */
            status: string;
        };
        /**
         * History
         * @description Counts of evaluations. Documentation only.
         * @example {
         *       "items": [
         *         {
         *           "evaluationId": "3f1c",
         *           "evaluatedAt": 1579292094000,
         *           "realized": 10,
         *           "existing": 90,
         *           "exited": 3,
         *           "profiles": 100
         *         }
         *       ]
         *     }
         */
        History: {
            /** @description The newest first. */
            items: components["schemas"]["SegmentEvaluation"][];
        };
        /**
         * HostKey
         * @description A key that a server presented. Documentation only.
         * @example {
         *       "field": "/auth/params/hostKey",
         *       "line": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDqlzXtrgk44oTTfG1thNacMxbqpu6wI3KlwkscfGuXx",
         *       "fingerprint": "SHA256:xLDpm3CHAPSgxo4GITGmWFUHO7axK/mhTq3Q+7qT/rQ",
         *       "algorithm": "ssh-ed25519",
         *       "approved": []
         *     }
         */
        HostKey: {
            /** @description The kind of key. */
            algorithm: string;
            /** @description Fingerprints of the keys that are approved. Where there are any, the key has changed. */
            approved: string[];
            /** @description Where in the account's body the line belongs: the member that has its other keys, `hostKey` where it has none. */
            field: string;
            /** @description SHA-256 of the key, as `ssh-keygen -l` shows it: to be compared with what the server's administrator says. */
            fingerprint: string;
            /** @description The line that approves the key there, beside other lines or alone. */
            line: string;
        };
        /**
         * Identity
         * @description What identifies a person. Documentation only.
         * @example {
         *       "namespace": "Email",
         *       "id": "ada@example.org"
         *     }
         */
        IdentityBody: {
            /** @description The identity's value, exactly as datasets hold it. */
            id: string;
            /** @description The namespace, as datasets name it. */
            namespace: string;
        };
        /**
         * Ids
         * @description Ids of objects. Documentation only.
         * @example {
         *       "ids": [
         *         {
         *           "id": "54669488-03ab-4e0d-a694-37fe49e32be8"
         *         }
         *       ]
         *     }
         */
        Ids: {
            /** @description Each with `id`. */
            ids: unknown[];
        };
        /**
         * Inherited
         * @description The connections that a flow is made of. Documentation only.
         */
        Inherited: {
            /** @description `isDestinationFlow`, which is true. */
            properties?: unknown;
            /** @description Its source. */
            sourceConnections?: components["schemas"]["InheritedConnection"][] | null;
            /** @description Its target, with the account. */
            targetConnections?: components["schemas"]["InheritedConnection"][] | null;
        };
        /**
         * InheritedAccount
         * @description An account of a flow. Documentation only.
         */
        InheritedAccount: {
            /** @description Its kind. */
            connectionSpec: components["schemas"]["InheritedSpec"];
            /** @description Its id. */
            id: string;
        };
        /**
         * InheritedConnection
         * @description A connection of a flow. Documentation only.
         */
        InheritedConnection: {
            baseConnection?: components["schemas"]["InheritedAccount"] | null;
            /** @description Its kind. */
            connectionSpec: components["schemas"]["InheritedSpec"];
            /** @description Its id. */
            id: string;
        };
        /**
         * InheritedSpec
         * @description A kind of connection. Documentation only.
         */
        InheritedSpec: {
            /** @description The connection spec's id. */
            id: string;
            /** @description Its version. */
            version?: string | null;
        };
        /**
         * Inspection
         * @description What is there. Documentation only.
         * @example {
         *       "files": 2,
         *       "bytes": 81920,
         *       "named": [
         *         {
         *           "url": "/data/lake/crm/a.csv",
         *           "bytes": 40960,
         *           "format": "csv"
         *         }
         *       ],
         *       "lookedInto": {
         *         "files": 2,
         *         "bytes": 81920,
         *         "records": 100
         *       },
         *       "fields": [
         *         {
         *           "name": "crmId",
         *           "path": "crmId",
         *           "type": "string"
         *         }
         *       ],
         *       "records": [
         *         {
         *           "crmId": "********"
         *         }
         *       ],
         *       "sensitive": [
         *         "/properties/crmId"
         *       ],
         *       "suggestions": [],
         *       "identities": [
         *         {
         *           "path": "crmId",
         *           "namespace": "CRMID",
         *           "likeness": "identifier",
         *           "reasons": [
         *             "name"
         *           ]
         *         }
         *       ],
         *       "timestamps": [
         *         "modifiedAt"
         *       ]
         *     }
         */
        Inspection: {
            /**
             * Format: int64
             * @description How long they are in all.
             */
            bytes: number;
            /** @description The fields as a tree. */
            fields: components["schemas"]["FieldNode"][];
            /**
             * Format: int64
             * @description How many files match.
             */
            files: number;
            /** @description Fields that look like they say who a record is about. */
            identities: components["schemas"]["LikelyIdentity"][];
            /**
             * @description What `fields` and `records` are known from: the first files, up to 100 with 16 MiB of text; of one that is longer,
             *     the beginning.
             */
            lookedInto: components["schemas"]["LookedInto"];
            /** @description The first of them, up to 20. */
            named: components["schemas"]["NamedFile"][];
            /** @description The first records as JSON objects, nulls left out. */
            records: {
                [key: string]: unknown;
            }[];
            /**
             * @description Fields whose values may tell of somebody, which are masked unless `unmasked`: `identityMap`, those among
             *     `suggestions` and `identities`, all whose names look like it, and all with a value among those looked at that does.
             */
            sensitive: string[];
            /** @description Labels that fields look like they should have, as they would be suggested of the dataset. */
            suggestions: components["schemas"]["Suggestion"][];
            /** @description Fields that may say when a record was written, the likeliest first. */
            timestamps: string[];
        };
        /**
         * InspectRequest
         * @description What to look at. Documentation only.
         * @example {
         *       "source": {
         *         "urls": [
         *           "/data/lake/crm/*.parquet"
         *         ]
         *       },
         *       "limit": 5
         *     }
         */
        InspectRequest: {
            /**
             * Format: int64
             * @description Records that are answered, up to 100; 10 without it.
             */
            limit?: number | null;
            /** @description The files, as a dataset names them. */
            source: components["schemas"]["DatasetSource"];
            /** @description Answers values that look like they identify somebody, too. Without it, `********` is in their place. */
            unmasked?: boolean | null;
        };
        /**
         * Label
         * @description A label as it is sent. Documentation only.
         * @example {
         *       "name": "L2",
         *       "category": "Custom",
         *       "friendlyName": "Purchase history",
         *       "description": "Tells what somebody bought"
         *     }
         */
        Label: {
            /** @description `Custom`; of core labels `Contract`, `Identity`, `Sensitive` or `Partner Ecosystem`. */
            category: string;
            /** @description What it means. */
            description?: string | null;
            /** @description A short name for people; the name without it. */
            friendlyName?: string | null;
            /** @description What everything refers to it by: without blanks and commas; upper and lower case differ. */
            name: string;
        };
        /**
         * LabelExpression
         * @description A condition of labels. Documentation only.
         */
        LabelExpression: {
            label: string;
        } | {
            operands: components["schemas"]["LabelExpression"][];
            operator: components["schemas"]["Operator"];
        };
        /**
         * LabelOrigin
         * @description Where a label is. Documentation only.
         */
        LabelOrigin: {
            /** @description How the one bears on the other: `dataset`, `around`, `own` or `inside`. */
            bearing: string;
            /** @description The dataset that brings it. */
            dataset: components["schemas"]["EntityName"];
            /** @description The field of the dataset's records that is read. */
            field: string;
            /** @description The label. */
            label: string;
            /** @description What has the label; left out where the whole dataset has it. */
            schemaPath?: string | null;
        };
        /**
         * LabelPayload
         * @description The labels of a dataset. Documentation only.
         * @example {
         *       "labels": [
         *         "C2"
         *       ],
         *       "optionalLabels": [
         *         {
         *           "option": {
         *             "schemaPath": "/properties/personalEmail/properties/address"
         *           },
         *           "labels": [
         *             "I1"
         *           ]
         *         }
         *       ]
         *     }
         */
        LabelPayload: {
            /** @description Those of the whole; every field has them. */
            labels?: string[] | null;
            /** @description Those of fields, and with a field of everything inside it. */
            optionalLabels?: components["schemas"]["FieldLabels"][] | null;
            /** @description Flows that the change paused, where it was asked to. */
            pausedFlows?: components["schemas"]["PausedFlow"][] | null;
        };
        /**
         * LabelsProblem
         * @description Why there are no labels, in the shape that clients of the service know. Documentation only.
         * @example {
         *       "timestamp": "2026-04-21T19:56:46.551Z",
         *       "status": "NOT_FOUND",
         *       "code": "PES-404",
         *       "message": "the dataset has no labels",
         *       "path": "/entities/AEP:dataset:60105b5e1af43c18db857d69"
         *     }
         */
        LabelsProblem: {
            /** @description `PES-` and the HTTP status. */
            code?: string | null;
            /** @description What came back, in one sentence. */
            message: string;
            /** @description What was looked for. */
            path?: string | null;
            /** @description The status in a word; of other refusals the HTTP status. */
            status: unknown;
            /** @description When it was. */
            timestamp?: string | null;
        };
        /**
         * LastRun
         * @description A flow's newest run. Documentation only.
         */
        LastRun: {
            /**
             * Format: int64
             * @description When it ended, in milliseconds since 1970.
             */
            completedAtUTC?: number | null;
            /** @description The run's id. */
            id: string;
            /**
             * Format: int64
             * @description When it began, in milliseconds since 1970.
             */
            startedAtUTC?: number | null;
            /** @description `queued`, `processing`, `success`, `failed` or `cancelled`. */
            state: string;
        };
        /**
         * Letter
         * @description A message that the target refused for good. Documentation only.
         */
        Letter: {
            /** @description When it was refused. */
            at: string;
            /**
             * Format: int64
             * @description Length of the message in bytes.
             */
            bytes: number;
            /** @description Whose move is next. */
            class: string;
            /** @description The message's own id, by which it is sent again. */
            eventId: string;
            /** @description What the target said. */
            message: string;
            /** @description Whose message it is. */
            profileId: string;
            /** @description The window, or the run, that it was made in. */
            runId: string;
            /**
             * Format: int64
             * @description The message's sequence.
             */
            sequence: number;
        };
        /**
         * Letters
         * @description A list of such messages. Documentation only.
         * @example {
         *       "items": [
         *         {
         *           "eventId": "0f5c61ad7b1f4d0e9a0c3a52c1f0b9d4",
         *           "sequence": 7,
         *           "runId": "7af3ba45-4952-4371-8361-1b30134be7eb",
         *           "profileId": "CRMID:4711",
         *           "class": "refused",
         *           "message": "the message is larger than the target takes",
         *           "bytes": 1200000,
         *           "at": "2026-11-25T06:00:00Z"
         *         }
         *       ],
         *       "_links": {},
         *       "count": 1
         *     }
         */
        Letters: {
            /** @description The next page. */
            _links: components["schemas"]["Links"];
            /**
             * Format: int64
             * @description All of them.
             */
            count: number;
            /** @description The messages, the oldest first. */
            items: components["schemas"]["Letter"][];
        };
        /**
         * LikelyIdentity
         * @description A field that looks like an identity. Documentation only.
         */
        LikelyIdentity: {
            /** @description What it looks like: `email`, `phone` or `identifier`. */
            likeness: string;
            /** @description The system that it seems to belong to, a guess by its name. */
            namespace: string;
            /** @description Where it is. */
            path: string;
            /** @description Why: `name` for its name, `values` for what it holds. */
            reasons: string[];
        };
        /**
         * Lineage
         * @description A way of data that has a label. Documentation only.
         */
        Lineage: {
            /** @description Where the label is. */
            origin: components["schemas"]["LabelOrigin"];
            /** @description What the data is used for. */
            use: components["schemas"]["FieldUse"];
        };
        /**
         * Link
         * @description A link of a list. Documentation only.
         * @example {
         *       "href": "/flows?continuationToken=eyJsIjoyMH0"
         *     }
         */
        Link: {
            /** @description Relative to the service. */
            href: string;
        };
        /**
         * Links
         * @description The links of a list. Documentation only.
         * @example {
         *       "next": {
         *         "href": "/flows?continuationToken=eyJsIjoyMH0"
         *       }
         *     }
         */
        Links: {
            next?: components["schemas"]["Link"] | null;
        };
        /**
         * LoginLink
         * @description A link that signs in to the console once.
         * @example {
         *       "id": "reporting",
         *       "link": "kX3…",
         *       "url": "https://outflow.example.com/console/sign-in#link=kX3…",
         *       "expiresAt": 1670284443204
         *     }
         */
        LoginLink: {
            /**
             * Format: int64
             * @description When it ends, in milliseconds since 1970, unless it is used before.
             */
            expiresAt: number;
            /** @description The client that it signs in as. */
            id: string;
            /** @description Its token, as `POST /console/session` takes it: this answer is the only one that shows it. */
            link: string;
            /** @description Where a person opens it. What stands behind `#` is not sent, so that no log has it. */
            url: string;
        };
        /**
         * LookedInto
         * @description How much was looked into. Documentation only.
         */
        LookedInto: {
            /**
             * Format: int64
             * @description How long they are, as far as they were looked into.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Files that were opened.
             */
            files: number;
            /**
             * Format: int64
             * @description Records whose values were looked at.
             */
            records: number;
        };
        /**
         * MarketingAction
         * @description A marketing action as it is sent. Documentation only.
         * @example {
         *       "name": "analyticsDB",
         *       "description": "Push data to an external database"
         *     }
         */
        MarketingAction: {
            /** @description What it means. */
            description?: string | null;
            /** @description What everything refers to it by: without blanks and slashes. */
            name: string;
        };
        /**
         * ProfileMembership
         * @description A segment that a profile is in, or has left. Documentation only.
         */
        Membership: {
            /**
             * Format: int64
             * @description When the segment was evaluated, in milliseconds since 1970.
             */
            evaluatedAt: number;
            /**
             * Format: int64
             * @description When it entered, or left, in milliseconds since 1970.
             */
            lastQualificationTime: number;
            /** @description The segment's name. */
            name: string;
            /** @description The segment. */
            segmentId: string;
            /** @description How it stands. */
            status: components["schemas"]["MembershipStatus"];
        };
        /**
         * MembershipStatus
         * @description How a profile stands in a segment. Documentation only.
         * @enum {string}
         */
        MembershipStatus: "realized" | "existing" | "exited";
        /**
         * MessageSchema
         * @description The JSON Schema of a flow's messages. Documentation only.
         * @example {
         *       "$schema": "https://json-schema.org/draft/2020-12/schema",
         *       "type": "object",
         *       "properties": {
         *         "person": {
         *           "type": "object"
         *         },
         *         "identityMap": {
         *           "type": "object"
         *         },
         *         "segmentMembership": {
         *           "type": "object"
         *         },
         *         "profileId": {
         *           "type": "string"
         *         },
         *         "eventId": {
         *           "type": "string"
         *         },
         *         "sequence": {
         *           "type": "integer"
         *         },
         *         "runId": {
         *           "type": "string"
         *         }
         *       }
         *     }
         */
        MessageSchema: {
            /** @description The draft: 2020-12. */
            $schema: string;
            /** @description The mapped attributes, `identityMap`, `segmentMembership`, `profileId`, `eventId`, `sequence` and `runId`. */
            properties: unknown;
            /** @description Always `object`. */
            type: string;
        };
        /**
         * NamedFile
         * @description A file. Documentation only.
         */
        NamedFile: {
            /**
             * Format: int64
             * @description How long it is.
             */
            bytes: number;
            /** @description How its records are written: `parquet`, `csv` or `ndjson`. */
            format: string;
            /** @description Its path or URL. */
            url: string;
        };
        /**
         * NamedSuggestion
         * @description A suggestion that somebody accepts or refuses. Documentation only.
         * @example {
         *       "schemaPath": "/properties/email",
         *       "label": "I1"
         *     }
         */
        NamedSuggestion: {
            /** @description The label. */
            label: string;
            /** @description The field. */
            schemaPath: string;
        };
        /**
         * NamedSuggestions
         * @description Suggestions that somebody accepts or refuses. Documentation only.
         * @example {
         *       "suggestions": [
         *         {
         *           "schemaPath": "/properties/email",
         *           "label": "I1"
         *         }
         *       ]
         *     }
         */
        NamedSuggestions: {
            /** @description Which. */
            suggestions: components["schemas"]["NamedSuggestion"][];
        };
        /**
         * NewSuppressions
         * @description Who is to be in no export. Documentation only.
         * @example {
         *       "identities": [
         *         {
         *           "namespace": "Email",
         *           "id": "ada@example.org"
         *         }
         *       ],
         *       "reason": "Objected on 2026-11-25"
         *     }
         */
        NewSuppressions: {
            /** @description What identifies them: any identity of a profile leaves the whole profile out. At most 10,000. */
            identities: components["schemas"]["IdentityBody"][];
            /** @description Why, for people: at most 255 characters, and nothing that identifies anybody. */
            reason?: string | null;
        };
        /**
         * Operator
         * @description How conditions are joined. Documentation only.
         * @enum {string}
         */
        Operator: "AND" | "OR";
        /**
         * PageInfo
         * @description What a page says of itself. Documentation only.
         * @example {
         *       "count": 1,
         *       "totalCount": 2,
         *       "next": "1"
         *     }
         */
        PageInfo: {
            /**
             * Format: int64
             * @description Objects of this page.
             */
            count: number;
            /** @description The `start` of the next page, where there is one. */
            next?: string | null;
            /**
             * Format: int64
             * @description All that match.
             */
            totalCount: number;
        };
        /**
         * PageLinks
         * @description The links of a page. Documentation only.
         * @example {
         *       "page": {
         *         "href": "/labels/custom?start=1&limit=1"
         *       },
         *       "_page": {
         *         "href": "https://outflow.example/data/foundation/dulepolicy/labels/custom{?property,orderby,start,limit}",
         *         "templated": "true"
         *       }
         *     }
         */
        PageLinks: {
            /** @description `href` is the list's URL as a template. */
            _page: unknown;
            /** @description `href` leads to the next page, relative to the service; empty on the last one. */
            page: unknown;
        };
        /**
         * PatchOperation
         * @description One operation of a JSON Patch. Documentation only: [`Patch`] reads it.
         * @example {
         *       "op": "replace",
         *       "path": "/name",
         *       "value": "Loyal customers"
         *     }
         */
        PatchOperationBody: {
            /** @description JSON pointer of where to `move` or `copy` from. */
            from?: string | null;
            /** @description `add`, `remove`, `replace`, `move`, `copy` or `test`, in any case. */
            op: string;
            /** @description JSON pointer of what changes; `-` is the place after a list's last element. */
            path: string;
            /** @description The new value, or the one to `test` for. */
            value?: unknown;
        };
        /**
         * Pause
         * @description Why a flow is paused. Documentation only.
         */
        Pause: {
            /** @description When. */
            at: string;
            /** @description In one sentence. */
            reason: string;
            /** @description What it violates, the first 50. */
            violations?: components["schemas"]["PauseViolation"][] | null;
            /**
             * Format: int64
             * @description How many more there are.
             */
            violationsLeftOut?: number | null;
        };
        /**
         * PausedFlow
         * @description A flow that a write paused.
         */
        PausedFlow: {
            /** @description Its version now, in quotes, as `If-Match` takes it. */
            etag: string;
            /** @description The flow's id. */
            id: string;
            /** @description Its name. */
            name: string;
            /** @description What it violates: which policies, why, and what would resolve it. Of all flows together, the first 100. */
            violations: components["schemas"]["ShownViolation"][];
            /** @description How many of them are not told here. */
            violationsLeftOut?: number;
            /** @description How many there are in all. */
            violationsTotal: number;
        };
        /**
         * PauseViolation
         * @description A violation that paused a flow. Documentation only.
         */
        PauseViolation: {
            /** @description When it denies. */
            condition: string;
            /** @description The labels that were found. */
            labels: string[];
            /** @description The flow's actions that it denies. */
            marketingActions: string[];
            /** @description The policy's id. */
            policyId: string;
            /** @description The policy's name. */
            policyName: string;
            /** @description The segment's id. */
            segmentId: string;
            /** @description The segment's name. */
            segmentName: string;
        };
        /**
         * Policy
         * @description A policy as it is sent. Documentation only.
         * @example {
         *       "name": "Email Policy",
         *       "status": "ENABLED",
         *       "marketingActionRefs": [
         *         "/dulepolicy/marketingActions/core/emailTargeting"
         *       ],
         *       "description": "Where nobody is written to",
         *       "deny": {
         *         "operator": "AND",
         *         "operands": [
         *           {
         *             "label": "C1"
         *           },
         *           {
         *             "operator": "OR",
         *             "operands": [
         *               {
         *                 "label": "C3"
         *               },
         *               {
         *                 "label": "C7"
         *               }
         *             ]
         *           }
         *         ]
         *       }
         *     }
         */
        Policy: {
            /** @description Where it denies them. */
            deny: components["schemas"]["LabelExpression"];
            /** @description Why. */
            description?: string | null;
            /** @description The actions that it denies, each by its address. */
            marketingActionRefs: string[];
            /** @description What people call it. */
            name: string;
            status?: components["schemas"]["PolicyStatus"] | null;
        };
        /**
         * PolicyCheck
         * @description What saving a flow would say.
         * @example {
         *       "allowed": true,
         *       "violations": [],
         *       "violationsTotal": 0,
         *       "consent": [
         *         {
         *           "segmentId": "54669488-03ab-4e0d-a694-37fe49e32be8",
         *           "policies": [
         *             {
         *               "id": "0c2f58b5-4a1c-4c6f-9d5e-0f8f8f0f7a11",
         *               "name": "E-mail only with consent",
         *               "allowed": "consents.email = \"y\""
         *             }
         *           ]
         *         }
         *       ]
         *     }
         */
        PolicyCheck: {
            /** @description Whether it violates nothing. */
            allowed: boolean;
            /** @description The consent policies that leave profiles out, of each segment that has any. */
            consent: components["schemas"]["SegmentConsent"][];
            /** @description The policies that it violates, by segment, the first 100: why, the way of the data, and what would resolve it. */
            violations: components["schemas"]["ShownViolation"][];
            /** @description How many there are in all. */
            violationsTotal: number;
            /** @description What is allowed but unwise, or not there yet, by its place. */
            warnings?: components["schemas"]["Problem"][];
        };
        /**
         * Policies
         * @description A page of policies. Documentation only.
         * @example {
         *       "_page": {
         *         "count": 0,
         *         "totalCount": 0
         *       },
         *       "_links": {
         *         "page": {
         *           "href": ""
         *         },
         *         "_page": {
         *           "href": "",
         *           "templated": "true"
         *         }
         *       },
         *       "children": []
         *     }
         */
        PolicyPage: {
            /** @description The next page. */
            _links: components["schemas"]["PageLinks"];
            /** @description What the page says of itself. */
            _page: components["schemas"]["PageInfo"];
            /** @description The policies. */
            children: components["schemas"]["ShownPolicy"][];
        };
        /**
         * PolicyStatus
         * @description Whether a policy has a say. Documentation only.
         * @enum {string}
         */
        PolicyStatus: "DRAFT" | "ENABLED" | "DISABLED";
        /**
         * Preview
         * @description Where the result is. Documentation only.
         * @example {
         *       "previewId": "4a45e853-ac91-4bb7-a426-150937b6af5c",
         *       "previewQueryId": "4a45e853-ac91-4bb7-a426-150937b6af5c",
         *       "state": "RESULT_READY",
         *       "previewQueryStatus": "RESULT_READY",
         *       "previewExecutionId": 0
         *     }
         */
        Preview: {
            /**
             * Format: int64
             * @description Always 0.
             */
            previewExecutionId: number;
            /** @description For `/preview/{id}` and `/estimate/{id}`. */
            previewId: string;
            /** @description The same. */
            previewQueryId: string;
            /** @description The same. */
            previewQueryStatus: string;
            /** @description Always `RESULT_READY`. */
            state: string;
        };
        /**
         * PreviewRequest
         * @description A rule that is not saved. Documentation only.
         * @example {
         *       "predicateExpression": "person.birthYear < 2000",
         *       "predicateType": "pql/text",
         *       "predicateModel": "_xdm.context.profile"
         *     }
         */
        PreviewRequest: {
            /** @description The rule. */
            predicateExpression: string;
            /** @description Always `_xdm.context.profile`. */
            predicateModel?: string | null;
            /** @description `pql/text` or `sql/text`; the first without it. */
            predicateType?: string | null;
        };
        /**
         * Probe
         * @description What a probe found, as answers show it. Documentation only: the connectors' own report is shown.
         * @example {
         *       "steps": [
         *         {
         *           "name": "Reach the endpoint",
         *           "outcome": "passed",
         *           "found": "s3.eu-west-1.amazonaws.com"
         *         },
         *         {
         *           "name": "Sign in",
         *           "outcome": "passed",
         *           "found": ""
         *         }
         *       ]
         *     }
         */
        Probe: {
            /** @description The steps, in order, up to the first that failed. */
            steps: components["schemas"]["ProbeStep"][];
        };
        /**
         * ProbedConnection
         * @description What creating or changing an account answers. Documentation only.
         * @example {
         *       "id": "69f188b6-af07-4587-8061-e94d34637b41",
         *       "etag": "\"1\"",
         *       "probe": {
         *         "steps": [
         *           {
         *             "name": "Sign in",
         *             "outcome": "passed",
         *             "found": ""
         *           }
         *         ]
         *       }
         *     }
         */
        Probed: {
            encryptionKey?: components["schemas"]["EncryptionKey"] | null;
            /** @description Its version, in quotes, as `If-Match` takes it. */
            etag: string;
            /** @description The object's id. */
            id: string;
            /** @description Flows that the change of a target paused. */
            pausedFlows?: components["schemas"]["PausedFlow"][] | null;
            probe?: components["schemas"]["Probe"] | null;
            /** @description Of a changed target: what is unwise for the flows that use it. */
            warnings?: components["schemas"]["Problem"][] | null;
        };
        /**
         * ProbeStep
         * @description One step of a probe. Documentation only.
         */
        ProbeStep: {
            /** @description Of a failed step: whose move is next. */
            class?: string | null;
            /**
             * @description Of a failed step: pointers into the body of the request to what may be at fault, the likeliest first. The account
             *     is one member of a target's body.
             */
            fields?: string[] | null;
            /** @description What was learned. */
            found?: string | null;
            /** @description Of a failed step: what to do. */
            hint?: string | null;
            hostKey?: components["schemas"]["HostKey"] | null;
            /** @description Of a failed step: what came back. */
            message?: string | null;
            /** @description What was done. */
            name: string;
            /** @description `passed`, `limited` or `failed`. */
            outcome: string;
            /** @description Of a failed step: what was tried. */
            tried?: string | null;
        };
        /**
         * @description One problem of a request's body, query or header.
         * @example {
         *       "field": "/auth/params/s3SecretKey",
         *       "message": "is missing"
         *     }
         */
        Problem: {
            /** @description A JSON pointer into the body, or the name of the parameter or header. */
            field: string;
            /** @description What is wrong and what would be right. */
            message: string;
        };
        /**
         * Problem
         * @description The body of every error. Documentation only: [`ApiError`] writes it.
         * @example {
         *       "type": "about:blank",
         *       "title": "Precondition Failed",
         *       "status": 412,
         *       "detail": "it has changed since the etag of If-Match was read",
         *       "errorMessage": "it has changed since the etag of If-Match was read",
         *       "errorDetails": "Read it again and send the change with the new etag.",
         *       "message": "it has changed since the etag of If-Match was read",
         *       "hint": "Read it again and send the change with the new etag."
         *     }
         */
        ProblemBody: {
            /** @description Whose move is next. */
            class?: string | null;
            /** @description What came back, in one sentence. */
            detail: string;
            /** @description `403010` without a token, `401013` with one that is not valid, `403027` with one that is not allowed this. */
            error_code?: string | null;
            /** @description All problems, or what to do next, as one text. */
            errorDetails: string;
            /** @description The same as `detail`. */
            errorMessage: string;
            /** @description What to do next. */
            hint?: string | null;
            /** @description The same as `detail`. */
            message: string;
            /** @description Every problem of the request, by field. */
            problems?: components["schemas"]["Problem"][] | null;
            /** @description Under this the server's log says more. */
            reference?: string | null;
            /**
             * Format: int32
             * @description The HTTP status.
             */
            status: number;
            /** @description The status in words. */
            title: string;
            /** @description What was tried and where. */
            tried?: string | null;
            /** @description Always `about:blank`: title and status say what kind it is. */
            type: string;
            /** @description Of what would make flows violate policies: which policies, why, the ways of the data, and what would resolve it. */
            violations?: components["schemas"]["ShownViolation"][] | null;
            /**
             * Format: int64
             * @description How many of them are not in `violations`, which has 100 at most.
             */
            violationsLeftOut?: number | null;
            /**
             * Format: int64
             * @description How many violations there are in all.
             */
            violationsTotal?: number | null;
        };
        /**
         * ProfileFields
         * @description The fields of profiles, and how many fill each. Documentation only.
         * @example {
         *       "profiles": 1000,
         *       "fields": [
         *         {
         *           "name": "crmId",
         *           "path": "crmId",
         *           "type": "string",
         *           "filled": 1000
         *         },
         *         {
         *           "name": "person",
         *           "path": "person",
         *           "type": "struct",
         *           "filled": 990,
         *           "fields": [
         *             {
         *               "name": "birthYear",
         *               "path": "person.birthYear",
         *               "type": "integer",
         *               "filled": 412
         *             }
         *           ]
         *         }
         *       ]
         *     }
         */
        ProfileFields: {
            /**
             * @description The outermost fields. An empty text is a value, an empty list or map is none; of what is in a list, the first
             *     element counts. Without `filled` where an earlier release merged the profiles, and behind the first 2,000 fields.
             */
            fields: components["schemas"]["FieldNode"][];
            /**
             * Format: int64
             * @description How many profiles there are.
             */
            profiles: number;
        };
        /**
         * RecordPreview
         * @description The first records. Documentation only.
         * @example {
         *       "items": [
         *         {
         *           "crmId": "c-1",
         *           "email": "ada@example.org"
         *         }
         *       ]
         *     }
         */
        RecordPreview: {
            /** @description The records as JSON objects, nulls left out. */
            items: {
                [key: string]: unknown;
            }[];
        };
        /**
         * RecordSummary
         * @description Profiles of a run. Documentation only.
         */
        RecordSummary: {
            balance?: components["schemas"]["Balance"] | null;
            /**
             * Format: int64
             * @description Profiles in the segment.
             */
            inputRecordCount: number;
            /**
             * Format: int64
             * @description Profiles that were delivered.
             */
            outputRecordCount: number;
        };
        /**
         * RedeliverRequest
         * @description Which messages. Documentation only.
         * @example {
         *       "eventIds": [
         *         "0f5c61ad7b1f4d0e9a0c3a52c1f0b9d4"
         *       ]
         *     }
         */
        RedeliverRequest: {
            /** @description Ids of refused messages; all of them without it. */
            eventIds?: string[] | null;
        };
        /**
         * Redelivery
         * @description What will be sent.
         * @example {
         *       "id": "3d17a4ff-9e0a-4f7c-94bb-bc0b61a3a76d",
         *       "letters": 1
         *     }
         */
        Redelivery: {
            /** @description The flow. */
            id: string;
            /**
             * Format: int64
             * @description Refused messages whose profiles are sent again.
             */
            letters: number;
        };
        /**
         * Refresh
         * @description The last refresh of a dataset. Documentation only.
         */
        Refresh: {
            /** @description When it ended. */
            endedAt?: string | null;
            error?: components["schemas"]["ShownFault"] | null;
            progress?: components["schemas"]["RefreshProgress"] | null;
            /**
             * Format: int64
             * @description Records that it read.
             */
            records?: number | null;
            /** @description When it began. */
            startedAt?: string | null;
            /** @description How it is. */
            state: components["schemas"]["RefreshState"];
        };
        /**
         * Refreshing
         * @description What attaching and refreshing answer.
         * @example {
         *       "id": "5e61e66e-e8b4-4a7b-8d41-70c74b0b981a",
         *       "etag": "\"1\"",
         *       "isNew": true
         *     }
         */
        Refreshing: {
            /** @description Its version, in quotes, as `If-Match` takes it. */
            etag: string;
            /** @description The dataset's id. */
            id: string;
            /** @description Whether a refresh began with this request; else it joined one that waited. */
            isNew: boolean;
            /** @description Flows that the change paused. */
            pausedFlows?: components["schemas"]["PausedFlow"][];
        };
        /**
         * RefreshProgress
         * @description How far a refresh is. Documentation only.
         */
        RefreshProgress: {
            /**
             * Format: int64
             * @description Bytes of all files of the dataset.
             */
            bytesTotal?: number | null;
            /**
             * Format: int64
             * @description How much of that step is done: bytes of text files, then records, then profiles.
             */
            done: number;
            /** @description `listing`, `opening`, `reading`, `writing`, `merging` or `indexing`. */
            step: string;
            /**
             * Format: int64
             * @description Of how much; 0 where it is not known.
             */
            total: number;
            /** @description When that was so. */
            updatedAt: string;
        };
        /**
         * RefreshState
         * @description How a refresh is. Documentation only.
         * @enum {string}
         */
        RefreshState: "queued" | "processing" | "success" | "failed" | "cancelled";
        /**
         * RefusedSuggestions
         * @description What refusing answers.
         * @example {
         *       "refused": 1
         *     }
         */
        RefusedSuggestions: {
            /**
             * Format: int64
             * @description How many of those named are refused now.
             */
            refused: number;
        };
        /**
         * SuppressionsRemoved
         * @description What removing answers.
         * @example {
         *       "removed": 1
         *     }
         */
        Removed: {
            /**
             * Format: int64
             * @description How many were in the list.
             */
            removed: number;
        };
        /**
         * RemovedSuppressions
         * @description Who may be exported again. Documentation only.
         * @example {
         *       "identities": [
         *         {
         *           "namespace": "Email",
         *           "id": "ada@example.org"
         *         }
         *       ]
         *     }
         */
        RemovedSuppressions: {
            /** @description What identifies them. At most 10,000. */
            identities?: components["schemas"]["IdentityBody"][] | null;
            /** @description The hashes of the list, beside or in place of identities. At most 10,000. */
            keys?: string[] | null;
        };
        /**
         * Results
         * @description Objects by their ids. Documentation only.
         * @example {
         *       "results": {
         *         "54669488-03ab-4e0d-a694-37fe49e32be8": {
         *           "name": "Loyal customers"
         *         }
         *       }
         *     }
         */
        Results: {
            /** @description The objects that there are, by id; those that there are not are missing. */
            results: unknown;
        };
        /**
         * RevokeRequest
         * @description The form. Documentation only.
         * @example {
         *       "token": "kX3…"
         *     }
         */
        RevokeRequest: {
            /** @description The token. */
            token: string;
        };
        /**
         * RowsPreview
         * @description The first rows or messages of a flow.
         * @example {
         *       "segmentId": "54669488-03ab-4e0d-a694-37fe49e32be8",
         *       "contentType": "text/csv; charset=utf-8",
         *       "columns": [
         *         "email",
         *         "city"
         *       ],
         *       "rows": [
         *         [
         *           "ada@example.org",
         *           "London, UK"
         *         ]
         *       ],
         *       "text": "email,city\nada@example.org,\"London, UK\"\n",
         *       "profiles": 1,
         *       "truncated": false
         *     }
         */
        RowsPreview: {
            /** @description Of files: the headers. */
            columns?: string[] | null;
            /** @description What a file is, uncompressed and in clear, or a message. */
            contentType: string;
            /** @description Of streams: the messages. `eventId`, `sequence` and `runId` stand for those that will be. */
            messages?: {
                [key: string]: unknown;
            }[] | null;
            /**
             * Format: int64
             * @description Profiles that are shown.
             */
            profiles: number;
            /**
             * @description Of files: the rows, each with a value or null for every column: the text that a file has, without quotes and
             *     escapes; lists and objects as JSON.
             */
            rows?: (string | null)[][] | null;
            /** @description The segment. */
            segmentId: string;
            /**
             * @description The beginning of a file as it would be written, head and rows; or the messages as they would be sent, one a line.
             *     None of files that are no text.
             */
            text?: string | null;
            /** @description Whether there are more than are shown, or may be: not everybody was looked at. */
            truncated: boolean;
        };
        /**
         * RowsPreviewRequest
         * @description Which rows to look at. Documentation only.
         * @example {
         *       "flowId": "37e2a1f8-6f2c-4c4b-9b0e-2f9c3b1d5a10",
         *       "segmentId": "54669488-03ab-4e0d-a694-37fe49e32be8",
         *       "limit": 5
         *     }
         */
        RowsPreviewRequest: {
            flow?: components["schemas"]["Flow"] | null;
            /** @description Instead of it the id of a saved one. */
            flowId?: string | null;
            /**
             * Format: int64
             * @description Profiles to look at, 1 to 50; 10 without it.
             */
            limit?: number | null;
            /** @description The segment of the flow whose members are looked at; its first without it. */
            segmentId?: string | null;
        };
        /**
         * Run
         * @description A run as it is shown. Documentation only.
         */
        Run: components["schemas"]["Common"] & {
            /** @description The same by part of the work. */
            activities: unknown[];
            /** @description What is worth knowing about a run: what it left for readers to see to, whether it went well or not. */
            advice?: string[] | null;
            /** @description The attempts, the oldest first. */
            attempts?: components["schemas"]["RunAttempt"][] | null;
            /**
             * Format: int64
             * @description Missed slots that it stands for, beside its own.
             */
            coalesced?: number | null;
            counts?: components["schemas"]["WindowCounts"] | null;
            error?: components["schemas"]["ShownFault"] | null;
            /** @description The evaluation that it exports. */
            evaluationId?: string | null;
            /** @description The files that were delivered. */
            files?: components["schemas"]["RunFile"][] | null;
            /** @description The flow. */
            flowId: string;
            /** @description The flow's name when the run was made. */
            flowName?: string | null;
            flowSpec?: components["schemas"]["SpecReference"] | null;
            /** @description `scheduled`, `afterEvaluation`, `adhoc`, `now`, or `window`: an hour of a flow to a stream. */
            kind: string;
            /** @description Where the manifest is. */
            manifest?: string | null;
            /**
             * @description Counts, sizes, times and the status. Those of a run that failed or was cancelled are 0, also
             *     where some of its files got their names before: the error says how many.
             */
            metrics: components["schemas"]["RunMetrics"];
            /** @description `full` or `incremental`, once it is planned. */
            mode?: string | null;
            /** @description When it is tried again, of a run that waits for that. */
            nextAttemptAt?: string | null;
            /** @description Always empty: no run waits for another. */
            predecessors: string[];
            /** @description The segment; empty in a flow to a stream, whose messages are about all its segments. */
            segmentId: string;
            /** @description The time it is for. */
            slot: string;
            /** @description When its first attempt began. */
            startedAt?: string | null;
            /** @description How it is. */
            state: components["schemas"]["RunState"];
            verification?: components["schemas"]["Verification"] | null;
        };
        /**
         * RunAttempt
         * @description An attempt at a run. Documentation only.
         */
        RunAttempt: {
            /** @description When it ended. */
            endedAt?: string | null;
            error?: components["schemas"]["ShownFault"] | null;
            /**
             * Format: int32
             * @description Counted from 1.
             */
            number: number;
            /** @description How it ended. */
            outcome?: string | null;
            /** @description When it began. */
            startedAt: string;
            /** @description Which worker. */
            worker: string;
        };
        /**
         * RunFile
         * @description A file that was delivered. Documentation only.
         */
        RunFile: {
            /**
             * Format: int64
             * @description Length in bytes as delivered.
             */
            bytes: number;
            /** @description Its name below the target. */
            name: string;
            /**
             * Format: int64
             * @description Rows, the header not counted.
             */
            rows: number;
            /** @description SHA-256 of the bytes as delivered, in hexadecimal. */
            sha256: string;
            /** @description Where it is. */
            url: string;
        };
        /**
         * RunFiles
         * @description Files of a run. Documentation only.
         * @example {
         *       "items": [
         *         {
         *           "name": "loyal.csv",
         *           "url": "s3://exports/loyal.csv",
         *           "rows": 2,
         *           "bytes": 80,
         *           "sha256": "9f86d081884c7d65"
         *         }
         *       ],
         *       "manifest": "s3://exports/manifest-3d17a4ff-7af3ba45.json",
         *       "_links": {}
         *     }
         */
        RunFiles: {
            /** @description Empty. */
            _links: unknown;
            /** @description In the order of the parts. */
            items: components["schemas"]["RunFile"][];
            /** @description Where the manifest is. */
            manifest?: string | null;
        };
        /**
         * RunMetrics
         * @description Counts, sizes and times; there are more members. Documentation only.
         */
        RunMetrics: {
            /** @description When it ran. */
            durationSummary: components["schemas"]["DurationSummary"];
            /** @description Files. */
            fileSummary: components["schemas"]["FileSummary"];
            /** @description Profiles. */
            recordSummary: components["schemas"]["RecordSummary"];
            /** @description Bytes. */
            sizeSummary: components["schemas"]["SizeSummary"];
        };
        /**
         * RunRequest
         * @description Which flow to run. Documentation only.
         * @example {
         *       "flowId": "3d17a4ff-9e0a-4f7c-94bb-bc0b61a3a76d"
         *     }
         */
        RunRequest: {
            /** @description The flow. */
            flowId: string;
            /** @description Accepted and not looked at. */
            params?: unknown;
        };
        /**
         * Runs
         * @description A list of runs. Documentation only.
         * @example {
         *       "items": [
         *         {
         *           "id": "7af3ba45-4952-4371-8361-1b30134be7eb",
         *           "createdAt": 1670444672602,
         *           "updatedAt": 1670444707059,
         *           "createdBy": "scheduler",
         *           "updatedBy": "scheduler",
         *           "sandboxName": "prod",
         *           "imsOrgId": "outflow",
         *           "version": "\"3\"",
         *           "etag": "\"3\"",
         *           "flowId": "3d17a4ff-9e0a-4f7c-94bb-bc0b61a3a76d",
         *           "flowSpec": {
         *             "id": "269ba276-16fc-47db-92b0-c1049a3c131f",
         *             "version": "1.0"
         *           },
         *           "predecessors": [],
         *           "segmentId": "54669488-03ab-4e0d-a694-37fe49e32be8",
         *           "state": "success",
         *           "kind": "scheduled",
         *           "slot": "2026-01-05T20:00:00Z",
         *           "mode": "full",
         *           "metrics": {
         *             "durationSummary": {},
         *             "sizeSummary": {
         *               "outputBytes": 80
         *             },
         *             "fileSummary": {
         *               "outputFileCount": 1
         *             },
         *             "recordSummary": {
         *               "inputRecordCount": 2,
         *               "outputRecordCount": 2
         *             },
         *             "statusSummary": {
         *               "status": "success"
         *             }
         *           },
         *           "activities": [],
         *           "files": [
         *             {
         *               "name": "loyal.csv",
         *               "url": "s3://exports/loyal.csv",
         *               "rows": 2,
         *               "bytes": 80,
         *               "sha256": "9f86…"
         *             }
         *           ]
         *         }
         *       ],
         *       "_links": {}
         *     }
         */
        Runs: {
            /** @description The next page; left out where one object is asked for. */
            _links?: components["schemas"]["Links"];
            /**
             * Format: int64
             * @description All that match, where it was asked for.
             */
            count?: number | null;
            /** @description True where `count` is not of all. */
            countIsPartial?: boolean | null;
            /** @description The runs. */
            items: components["schemas"]["Run"][];
        };
        /**
         * RunState
         * @description How a run is. Documentation only.
         * @enum {string}
         */
        RunState: "queued" | "processing" | "success" | "failed" | "cancelled";
        /**
         * Sample
         * @description Some profiles. Documentation only.
         * @example {
         *       "state": "RESULT_READY",
         *       "page": {
         *         "offset": 0,
         *         "count": 1
         *       },
         *       "link": "/preview/4a45e853",
         *       "results": [
         *         {
         *           "objectId": "CRMID:c-1",
         *           "profile": {
         *             "crmId": "c-1"
         *           }
         *         }
         *       ]
         *     }
         */
        Sample: {
            /** @description Where this is. */
            link: string;
            /** @description How many there are. */
            page: unknown;
            /** @description The profiles. */
            results: components["schemas"]["SampledProfile"][];
            /** @description Always `RESULT_READY`. */
            state: string;
        };
        /**
         * SampledProfile
         * @description A profile of a sample. Documentation only.
         */
        SampledProfile: {
            /** @description The profile's first identity. */
            objectId: string;
            /** @description Its fields; those without a value are left out. */
            profile: {
                [key: string]: unknown;
            };
        };
        /**
         * SavedFlow
         * @description What creating or changing a flow answers.
         * @example {
         *       "id": "3d17a4ff-9e0a-4f7c-94bb-bc0b61a3a76d",
         *       "etag": "\"1\""
         *     }
         */
        SavedFlow: {
            /** @description Its version, in quotes, as `If-Match` takes it. */
            etag: string;
            /** @description The flow's id. */
            id: string;
            /** @description What is allowed but unwise, or not there yet, by its place. */
            warnings?: components["schemas"]["Problem"][];
        };
        /**
         * Schedule
         * @description A schedule as it is sent. Documentation only.
         * @example {
         *       "name": "Daily evaluation",
         *       "type": "batch_segmentation",
         *       "schedule": "0 0 1 * * ?",
         *       "state": "active",
         *       "properties": {
         *         "segments": [
         *           "*"
         *         ]
         *       }
         *     }
         */
        Schedule: {
            /** @description What people call it. */
            name: string;
            /** @description What is evaluated. */
            properties: components["schemas"]["ScheduleProperties"];
            /** @description A cron expression in UTC: second, minute, hour, day of the month, month, day of the week. */
            schedule: string;
            /** @description `active` or `inactive`; the latter without it. */
            state?: string | null;
            /** @description Always `batch_segmentation`. */
            type: string;
        };
        /**
         * ScheduleProperties
         * @description What a schedule evaluates. Documentation only.
         */
        ScheduleProperties: {
            /** @description Ids of segments, or `*` for all. */
            segments: string[];
        };
        /**
         * Schedules
         * @description A page of schedules. Documentation only.
         * @example {
         *       "_page": {
         *         "totalCount": 0,
         *         "pageSize": 0
         *       },
         *       "children": [],
         *       "_links": {}
         *     }
         */
        Schedules: {
            /** @description The next page. */
            _links: unknown;
            /** @description `totalCount`, `pageSize`, and `next` where there is another page. */
            _page: unknown;
            /** @description The schedules, the oldest first. */
            children: components["schemas"]["ShownSchedule"][];
        };
        /**
         * SchemaTree
         * @description The fields of profiles or records. Documentation only.
         * @example {
         *       "fields": [
         *         {
         *           "name": "crmId",
         *           "path": "crmId",
         *           "type": "string"
         *         },
         *         {
         *           "name": "person",
         *           "path": "person",
         *           "type": "struct",
         *           "fields": [
         *             {
         *               "name": "birthYear",
         *               "path": "person.birthYear",
         *               "type": "integer"
         *             }
         *           ]
         *         }
         *       ]
         *     }
         */
        SchemaTree: {
            /** @description The outermost fields. */
            fields: components["schemas"]["FieldNode"][];
        };
        /**
         * Segment
         * @description A segment as it is sent. Documentation only.
         * @example {
         *       "name": "Loyal customers",
         *       "description": "Gold and above",
         *       "expression": {
         *         "type": "PQL",
         *         "format": "pql/text",
         *         "value": "loyalty.tier in [\"gold\", \"platinum\"]"
         *       },
         *       "schema": {
         *         "name": "_xdm.context.profile"
         *       },
         *       "evaluationInfo": {
         *         "batch": {
         *           "enabled": true
         *         }
         *       }
         *     }
         */
        Segment: {
            /** @description What it is for. */
            description?: string | null;
            /** @description Kept; evaluation is in batches. */
            evaluationInfo?: unknown;
            /** @description The rule. */
            expression: components["schemas"]["Expression"];
            /** @description Kept: profiles are merged in one way. */
            mergePolicyId?: string | null;
            /** @description What people call it; no two of a sandbox have one name. */
            name: string;
            /** @description Always `_xdm.context.profile`. */
            schema?: unknown;
        };
        /**
         * SegmentConsent
         * @description What consent policies ask of the profiles of a segment.
         */
        SegmentConsent: {
            /** @description The policies, all of which a profile must satisfy. */
            policies: components["schemas"]["AskedConsent"][];
            /** @description The segment. */
            segmentId: string;
        };
        /**
         * SegmentCounts
         * @description What an evaluation of a segment found. Documentation only.
         */
        SegmentCounts: {
            /**
             * Format: int64
             * @description When it was evaluated, in milliseconds since 1970.
             */
            evaluatedAt: number;
            /**
             * Format: int64
             * @description Profiles that are in it for longer.
             */
            existing: number;
            /**
             * Format: int64
             * @description Profiles that left.
             */
            exited: number;
            /**
             * Format: int64
             * @description Profiles that are in it.
             */
            profiles: number;
            /**
             * Format: int64
             * @description Profiles that entered.
             */
            realized: number;
        };
        /**
         * SegmentEvaluation
         * @description An evaluation of a segment. Documentation only.
         */
        SegmentEvaluation: components["schemas"]["SegmentCounts"] & {
            /** @description The evaluation's id. */
            evaluationId: string;
        };
        /**
         * SegmentJob
         * @description An evaluation as it is shown. Documentation only.
         * @example {
         *       "id": "468eeefd-95a2-45a1-8bfc-b806dafce7ee",
         *       "status": "SUCCEEDED",
         *       "source": "api",
         *       "profileInstanceId": "ups",
         *       "imsOrgId": "outflow",
         *       "creationTime": 1573203600535,
         *       "updateTime": 1573204395000,
         *       "updateEpoch": 1573204395,
         *       "segments": [
         *         {
         *           "segmentId": "30230300-ccf1-48ad-8012-c5563a007069",
         *           "segment": {
         *             "id": "30230300-ccf1-48ad-8012-c5563a007069",
         *             "expression": {
         *               "type": "PQL",
         *               "format": "pql/text",
         *               "value": "age >= 18"
         *             }
         *           }
         *         }
         *       ],
         *       "metrics": {
         *         "totalProfiles": 4,
         *         "segmentedProfileCounter": {
         *           "30230300-ccf1-48ad-8012-c5563a007069": 3
         *         }
         *       },
         *       "_links": {
         *         "checkStatus": {
         *           "href": "/segment/jobs/468eeefd-95a2-45a1-8bfc-b806dafce7ee",
         *           "method": "GET"
         *         }
         *       }
         *     }
         */
        SegmentJob: {
            /** @description How to look again and how to cancel. */
            _links: unknown;
            /**
             * Format: int64
             * @description When it was asked for, in milliseconds since 1970.
             */
            creationTime: number;
            /** @description What went wrong. */
            errors?: components["schemas"]["SegmentJobError"][] | null;
            /** @description The job's id. */
            id: string;
            /** @description The organisation, as the server is set up. */
            imsOrgId: string;
            /** @description Times and counts, by segment. */
            metrics?: unknown;
            /** @description Always `ups`. */
            profileInstanceId: string;
            /** @description The segments, each with `segmentId` and `segment`. */
            segments: unknown[];
            /** @description `api` or `scheduler`. */
            source: string;
            /** @description How it is. */
            status: components["schemas"]["SegmentJobStatus"];
            /**
             * Format: int64
             * @description The same in seconds.
             */
            updateEpoch: number;
            /**
             * Format: int64
             * @description When it changed last, in milliseconds since 1970.
             */
            updateTime: number;
        };
        /**
         * SegmentJobError
         * @description What went wrong with an evaluation. Documentation only.
         */
        SegmentJobError: {
            /** @description More of it. */
            detail?: string | null;
            /** @description In one sentence. */
            message?: string | null;
        };
        /**
         * SegmentJobs
         * @description A page of evaluations. Documentation only.
         * @example {
         *       "_page": {
         *         "totalCount": 0,
         *         "pageSize": 0
         *       },
         *       "children": [],
         *       "_links": {}
         *     }
         */
        SegmentJobs: {
            /** @description The next page. */
            _links: unknown;
            /**
             * @description `totalCount`, `pageSize`, and `next` where there is another page. Where a filter decides on more than 20,000
             *     evaluations, those that match among the first 20,000 are counted, and `totalCountIsPartial` says so.
             */
            _page: unknown;
            /** @description The evaluations, the newest first. */
            children: components["schemas"]["SegmentJob"][];
        };
        /**
         * SegmentJobStatus
         * @description How an evaluation is. Documentation only.
         * @enum {string}
         */
        SegmentJobStatus: "QUEUED" | "PROCESSING" | "SUCCEEDED" | "FAILED" | "CANCELLED";
        /**
         * SegmentPreview
         * @description Who would be withheld of a segment.
         */
        SegmentPreview: {
            /** @description Members that would be withheld for any reason. */
            all: components["schemas"]["Withheld"];
            /** @description Members that a consent policy withholds, policy by policy. Somebody may be withheld by several. */
            consent: components["schemas"]["WithheldByPolicy"][];
            /** @description Whether it was evaluated. Of one that was not nobody knows the members, and the counts are 0. */
            evaluated: boolean;
            /**
             * Format: int64
             * @description Members in its latest evaluation.
             */
            members: number;
            /**
             * Format: int64
             * @description Members that were looked at. Where they are fewer, the counts are estimates.
             */
            read: number;
            /** @description The segment. */
            segmentId: string;
            /** @description Members on the suppression list. */
            suppressed: components["schemas"]["Withheld"];
        };
        /**
         * Segments
         * @description A page of segments. Documentation only.
         * @example {
         *       "segments": [],
         *       "page": {
         *         "totalCount": 0,
         *         "totalPages": 0,
         *         "sortField": "creationTime",
         *         "sort": "desc",
         *         "pageSize": 0,
         *         "limit": 100
         *       },
         *       "link": {}
         *     }
         */
        Segments: {
            /** @description `next.href`: the next page, where there is one. */
            link: unknown;
            /**
             * @description `totalCount`, `totalPages`, `pageSize`, `limit`, `sortField`, `sort`. Where a filter decides on more than 20,000
             *     segments, those that match among the first 20,000 are counted, and `totalCountIsPartial` says so.
             */
            page: unknown;
            /** @description The segments. */
            segments: components["schemas"]["ShownSegment"][];
        };
        /**
         * SelfLink
         * @description An address. Documentation only.
         */
        SelfLink: {
            /** @description The address. */
            href: string;
        };
        /**
         * SelfLinks
         * @description Where an object is found. Documentation only.
         * @example {
         *       "self": {
         *         "href": "https://outflow.example/data/foundation/dulepolicy/labels/core/C1"
         *       }
         *     }
         */
        SelfLinks: {
            /** @description Its address. */
            self: components["schemas"]["SelfLink"];
        };
        /**
         * Session
         * @description Who is signed in.
         * @example {
         *       "clientId": "admin",
         *       "name": "Administrator",
         *       "scopes": [
         *         "*"
         *       ],
         *       "sandboxes": [
         *         "dev",
         *         "prod"
         *       ],
         *       "expiresAt": 1670284443204,
         *       "version": "1.0.0"
         *     }
         */
        Session: {
            /** @description The client. */
            clientId: string;
            /**
             * Format: int64
             * @description When it ends, in milliseconds since 1970. Being used puts that off.
             */
            expiresAt: number;
            /** @description What people call it. */
            name: string;
            /** @description The sandboxes that it opens, by name; where that is all, those in which there is something, and `prod`. */
            sandboxes: string[];
            /** @description What the session may be used for. */
            scopes: string[];
            /** @description The server's version. */
            version: string;
        };
        /**
         * ShownClient
         * @description A client as it is shown. Documentation only.
         * @example {
         *       "id": "reporting",
         *       "name": "Reports",
         *       "scopes": [
         *         "read"
         *       ],
         *       "sandboxes": [
         *         "prod"
         *       ],
         *       "createdAt": 1670284443204
         *     }
         */
        ShownClient: {
            /**
             * Format: int64
             * @description When it was made, in milliseconds since 1970.
             */
            createdAt: number;
            /** @description What it calls itself when it asks for a token: `client_id`. */
            id: string;
            /** @description What people call it. */
            name: string;
            /** @description The sandboxes that its tokens open; `*` for all. */
            sandboxes: string[];
            /** @description What its tokens may be used for. */
            scopes: string[];
        };
        /**
         * ShownConnection
         * @description An account as it is shown. Documentation only.
         */
        ShownConnection: components["schemas"]["Common"] & components["schemas"]["Connection"];
        /**
         * ShownConsentPolicy
         * @description A consent policy as it is shown. Documentation only.
         * @example {
         *       "id": "0b1c3d5e-7654-41e8-adc0-fa7ae01bbebc",
         *       "name": "E-mail needs consent",
         *       "description": "",
         *       "status": "DISABLED",
         *       "if": {
         *         "label": "I1"
         *       },
         *       "then": {
         *         "path": "consents.marketing.email",
         *         "values": [
         *           "y"
         *         ]
         *       },
         *       "imsOrg": "outflow",
         *       "sandboxName": "prod",
         *       "created": 1670284443204,
         *       "createdClient": "admin",
         *       "createdUser": "admin",
         *       "updated": 1670284443204,
         *       "updatedClient": "admin",
         *       "updatedUser": "admin",
         *       "etag": "\"1\"",
         *       "_links": {
         *         "self": {
         *           "href": "https://outflow.example/data/foundation/dulepolicy/consentPolicies/0b1c3d5e-7654-41e8-adc0-fa7ae01bbebc"
         *         }
         *       }
         *     }
         */
        ShownConsentPolicy: components["schemas"]["ConsentPolicy"] & components["schemas"]["Custom"] & {
            /** @description The policy's id. */
            id: string;
        };
        /**
         * ShownDataset
         * @description A dataset as it is shown. Documentation only.
         */
        ShownDataset: components["schemas"]["Common"] & components["schemas"]["Dataset"] & {
            counts?: components["schemas"]["DatasetCounts"] | null;
            refresh?: components["schemas"]["Refresh"] | null;
        };
        /**
         * Departure
         * @description A file or messages that a profile was in. Documentation only.
         */
        ShownDeparture: {
            /** @description Whether it is certain that it left; it may have where it is not, as whoever sent it was cut short. */
            confirmed: boolean;
            /**
             * Format: int64
             * @description The number of the audit record that says that it might leave.
             */
            decision?: number | null;
            /** @description The file's name; null for messages. */
            file?: string | null;
            /** @description The flow, which may be gone. */
            flowId: string;
            /** @description The flow's name when it left. */
            flowName?: string | null;
            /**
             * Format: int64
             * @description When it had left, in milliseconds since 1970.
             */
            leftAt: number;
            /** @description What it was for. */
            marketingActions?: string[] | null;
            /** @description The run, or the window of a flow to a stream. */
            runId: string;
            /** @description The segment that was exported; null for messages. */
            segmentId?: string | null;
            /**
             * Format: int64
             * @description The messages' number; null for files.
             */
            sequence?: number | null;
            target?: components["schemas"]["DepartureTarget"] | null;
            /** @description Whether `target` is the flow's of now: releases before this one did not keep what it was. */
            targetIsOfNow: boolean;
            /** @description Where the file was delivered, as long as the run is known. */
            url?: string | null;
        };
        /**
         * ShownEnabledCorePolicies
         * @description The same as it is shown: who changed it and when only where somebody did. Documentation only.
         * @example {
         *       "policyIds": [
         *         "corepolicy_0001"
         *       ],
         *       "imsOrg": "outflow",
         *       "sandboxName": "prod",
         *       "etag": "\"1\"",
         *       "_links": {
         *         "self": {
         *           "href": "https://outflow.example/data/foundation/dulepolicy/enabledCorePolicies"
         *         }
         *       }
         *     }
         */
        ShownEnabledCorePolicies: components["schemas"]["EnabledCorePolicies"] & {
            /** @description Where it is found. */
            _links: components["schemas"]["SelfLinks"];
            /** @description Its version, in quotes, as `If-Match` takes it; `"0"` where nobody changed it yet. */
            etag: string;
            /** @description The organisation, as the server is set up. */
            imsOrg: string;
            /** @description Flows that the change paused, where it was asked to. */
            pausedFlows?: components["schemas"]["PausedFlow"][] | null;
            /** @description The sandbox it is in. */
            sandboxName: string;
        };
        /**
         * ShownFault
         * @description Why work of the server failed, as objects tell it. Documentation only.
         */
        ShownFault: {
            /**
             * @description Whose move is next: `input`, `config`, `credentials`, `refused`, `unavailable`, `throttled`, `verification`,
             *     `internal` or `interrupted`.
             */
            class: string;
            /** @description What to do next; may be empty. */
            hint: string;
            /** @description What came back. */
            message: string;
            /** @description What was tried and where; may be empty. */
            tried: string;
        };
        /**
         * ShownFlow
         * @description A flow as it is shown. Documentation only.
         */
        ShownFlow: components["schemas"]["Common"] & components["schemas"]["Flow"] & {
            /** @description The connections it is made of, with their kinds. */
            inheritedAttributes: components["schemas"]["Inherited"];
            lastRunDetails?: components["schemas"]["LastRun"] | null;
            pause?: components["schemas"]["Pause"] | null;
            /** @description Where its runs are listed. */
            runs: string;
            streamStatus?: components["schemas"]["StreamStatus"] | null;
        };
        /**
         * ShownIdentity
         * @description An identity of a profile. Documentation only.
         */
        ShownIdentity: {
            /** @description Its value. */
            id: string;
        };
        /**
         * ShownPolicy
         * @description A policy as it is shown; core ones have no more than `imsOrg` and `_links` beside their own members. Documentation only.
         * @example {
         *       "id": "corepolicy_0003",
         *       "name": "Restrict email targeting",
         *       "status": "ENABLED",
         *       "marketingActionRefs": [
         *         "https://outflow.example/data/foundation/dulepolicy/marketingActions/core/emailTargeting"
         *       ],
         *       "description": "Keeps data out of targeting by e-mail",
         *       "deny": {
         *         "label": "C4"
         *       },
         *       "imsOrg": "core",
         *       "_links": {
         *         "self": {
         *           "href": "https://outflow.example/data/foundation/dulepolicy/policies/core/corepolicy_0003"
         *         }
         *       }
         *     }
         */
        ShownPolicy: components["schemas"]["Policy"] & {
            /** @description Where it is found. */
            _links: components["schemas"]["SelfLinks"];
            /** @description The policy's id. */
            id: string;
            /** @description The organisation, as the server is set up; `core` for those of the product. */
            imsOrg: string;
        };
        /**
         * Profile
         * @description A profile. Documentation only.
         */
        ShownProfile: {
            /** @description Its fields, as rules and mappings name them; those without a value are left out. */
            attributes: {
                [key: string]: unknown;
            };
            /** @description Its primary identity. */
            id: string;
            /** @description Its identities, by namespace. */
            identityMap: {
                [key: string]: components["schemas"]["ShownIdentity"][];
            };
            /** @description Fields at the top that are not shown, because the profile has more than 1 MiB. */
            leftOut: string[];
            /**
             * Format: int64
             * @description The time of its newest record, in milliseconds since 1970, where datasets say one.
             */
            recordedAt?: number | null;
            /** @description The segments that it is in or has left, by name, as of the last evaluation of each. */
            segmentMembership: components["schemas"]["Membership"][];
            /**
             * @description Segments of which it is not known whether the profile is in them: their evaluation cannot be read, more than 50
             *     were to be looked into, or there was no time left.
             */
            segmentsUnknown: string[];
        };
        /**
         * ShownSchedule
         * @description A schedule as it is shown. Documentation only.
         * @example {
         *       "id": "5e61e66e-e8b4-4a7b-8d41-70c74b0b981a",
         *       "etag": "\"1\"",
         *       "createEpoch": 1234567890,
         *       "updateEpoch": 1234567890,
         *       "name": "Daily evaluation",
         *       "type": "batch_segmentation",
         *       "schedule": "0 0 1 * * ?",
         *       "state": "active",
         *       "properties": {
         *         "segments": [
         *           "*"
         *         ]
         *       }
         *     }
         */
        ShownSchedule: components["schemas"]["Schedule"] & {
            /**
             * Format: int64
             * @description When it was made, in seconds since 1970.
             */
            createEpoch: number;
            /** @description Its version, in quotes, as `If-Match` takes it. */
            etag: string;
            /** @description The schedule's id. */
            id: string;
            /**
             * Format: int64
             * @description When it was changed, in seconds since 1970.
             */
            updateEpoch: number;
        };
        /**
         * ShownSegment
         * @description A segment as it is shown. Documentation only.
         * @example {
         *       "id": "54669488-03ab-4e0d-a694-37fe49e32be8",
         *       "etag": "\"1\"",
         *       "name": "Loyal customers",
         *       "imsOrgId": "outflow",
         *       "profileInstanceId": "ups",
         *       "expression": {
         *         "type": "PQL",
         *         "format": "pql/text",
         *         "value": "loyalty.tier = \"gold\""
         *       },
         *       "creationTime": 1579292094000,
         *       "updateTime": 1579292094000,
         *       "updateEpoch": 1579292094,
         *       "counts": {
         *         "realized": 10,
         *         "existing": 90,
         *         "exited": 3,
         *         "profiles": 100,
         *         "evaluatedAt": 1579292094000
         *       }
         *     }
         */
        ShownSegment: components["schemas"]["Segment"] & {
            counts?: components["schemas"]["SegmentCounts"] | null;
            /** @description The client that made it. */
            createdBy?: string | null;
            /**
             * Format: int64
             * @description When it was made, in milliseconds since 1970.
             */
            creationTime: number;
            /** @description Its version, in quotes, as `If-Match` takes it. */
            etag: string;
            /** @description The segment's id. */
            id: string;
            /** @description The organisation, as the server is set up. */
            imsOrgId: string;
            /** @description What changing it answers where that paused flows: each with its `id`, `name`, `etag` and `violations`. */
            pausedFlows?: components["schemas"]["PausedFlow"][] | null;
            /** @description Always `ups`. */
            profileInstanceId: string;
            /** @description The client that changed it last. */
            updatedBy?: string | null;
            /**
             * Format: int64
             * @description The same in seconds.
             */
            updateEpoch: number;
            /**
             * Format: int64
             * @description When it was changed, in milliseconds since 1970.
             */
            updateTime: number;
        };
        /**
         * ProfileSnapshot
         * @description The data that was looked into. Documentation only.
         */
        ShownSnapshot: {
            /**
             * Format: int64
             * @description When it was merged first, in milliseconds since 1970.
             */
            createdAt: number;
            /** @description Which: equal profiles have equal ids. */
            id: string;
            /**
             * Format: int64
             * @description Profiles in it.
             */
            profiles: number;
        };
        /**
         * ShownSourceConnection
         * @description A source as it is shown. Documentation only.
         */
        ShownSourceConnection: components["schemas"]["Common"] & components["schemas"]["SourceConnection"];
        /**
         * ShownAlertSubscription
         * @description A subscription as it is shown. Documentation only.
         */
        ShownSubscription: components["schemas"]["Common"] & components["schemas"]["Subscription"];
        /**
         * Suppression
         * @description One of the list. Documentation only.
         */
        ShownSuppression: {
            /**
             * Format: int64
             * @description When it was added, in milliseconds since 1970.
             */
            addedAt: number;
            /** @description The client that added it. */
            addedBy: string;
            /** @description What stands for the identity: the first 16 bytes of the SHA-256 of `namespace:value`, in hexadecimal. */
            key: string;
            /** @description The identity's namespace. */
            namespace: string;
            /** @description Why. */
            reason: string;
        };
        /**
         * ShownTargetConnection
         * @description A target as it is shown. Documentation only.
         */
        ShownTargetConnection: components["schemas"]["Common"] & components["schemas"]["TargetConnection"];
        /**
         * Violation
         * @description A policy that a segment's export violates. Documentation only.
         */
        ShownViolation: {
            /** @description References to the flow's actions that it denies; empty for the rule about C12. */
            actions: string[];
            /** @description When it denies, as people read it: `C1 AND (C3 OR C7)`. */
            condition: string;
            /** @description The same, as clients of the Policy Service read it: the action, the datasets that bring the labels, and the policy. */
            enforcementRef: string;
            /** @description The datasets that bring the labels. */
            entities: unknown[];
            /** @description The flow. */
            flow: components["schemas"]["EntityName"];
            /** @description The labels of the condition that were found. */
            labels: string[];
            /** @description The ways of the data, at most 500. */
            lineage: components["schemas"]["Lineage"][];
            /**
             * Format: int64
             * @description How many more ways there are.
             */
            lineageLeftOut: number;
            /** @description The policy; `label_C12` is the rule that data with the label C12 never leaves. */
            policy: components["schemas"]["ViolatedPolicy"];
            /** @description The segment whose export violates it. */
            segment: components["schemas"]["EntityName"];
            /** @description The policy, with addresses of its actions. */
            violatedPolicies: unknown[];
            /** @description What would resolve it; any one is enough. */
            waysOut: components["schemas"]["WayOut"][];
        };
        /**
         * SignIn
         * @description A client's id and secret, or the token of a login link. Documentation only.
         * @example {
         *       "clientId": "admin",
         *       "clientSecret": "…"
         *     }
         */
        SignIn: {
            /** @description The client; with `clientSecret`. */
            clientId?: string | null;
            /** @description Its secret. */
            clientSecret?: string | null;
            /** @description In place of the two: what stands behind `#link=` in a login link. */
            link?: string | null;
        };
        /**
         * SizeSummary
         * @description Bytes of a run. Documentation only.
         */
        SizeSummary: {
            /**
             * Format: int64
             * @description Bytes that were read.
             */
            inputBytes?: number | null;
            /**
             * Format: int64
             * @description Bytes that were delivered.
             */
            outputBytes: number;
        };
        /**
         * SourceConnection
         * @description A source as it is sent. Documentation only.
         * @example {
         *       "name": "Profiles",
         *       "connectionSpec": {
         *         "id": "8a9c3494-9708-43d7-ae3f-cda01e5030e1",
         *         "version": "1.0"
         *       }
         *     }
         */
        SourceConnection: {
            /** @description A connection to the profile store, where a client makes one. */
            baseConnectionId?: string | null;
            /** @description Always the profile store. */
            connectionSpec: components["schemas"]["SpecReference"];
            /** @description Kept and shown. */
            data?: unknown;
            /** @description What it is for. */
            description?: string | null;
            /** @description What people call it. */
            name: string;
            /** @description Kept and shown. */
            params?: unknown;
        };
        /**
         * SourceConnections
         * @description A list of sources. Documentation only.
         * @example {
         *       "items": [
         *         {
         *           "id": "f3a5e232-eba3-428b-aa69-921d122d5db5",
         *           "createdAt": 1660922583694,
         *           "updatedAt": 1660922584231,
         *           "createdBy": "admin",
         *           "updatedBy": "admin",
         *           "sandboxName": "prod",
         *           "imsOrgId": "outflow",
         *           "version": "\"1\"",
         *           "etag": "\"1\"",
         *           "name": "Profiles",
         *           "connectionSpec": {
         *             "id": "8a9c3494-9708-43d7-ae3f-cda01e5030e1",
         *             "version": "1.0"
         *           }
         *         }
         *       ],
         *       "_links": {}
         *     }
         */
        SourceConnections: {
            /** @description The next page; left out where one object is asked for. */
            _links?: components["schemas"]["Links"];
            /**
             * Format: int64
             * @description All that match, where it was asked for.
             */
            count?: number | null;
            /** @description True where `count` is not of all. */
            countIsPartial?: boolean | null;
            /** @description The sources. */
            items: components["schemas"]["ShownSourceConnection"][];
        };
        /**
         * SpecAttributes
         * @description What the catalog says of a kind of destination. Documentation only.
         */
        SpecAttributes: {
            /** @description Where the catalog shows it. */
            category: string;
            /** @description Its kind, for people. */
            connectionType: string;
            /** @description The connector's name on the command line. */
            connector?: string | null;
            /** @description What it is. */
            description: string;
            /** @description The flow spec of its flows. */
            flowSpecId?: string | null;
            /** @description How it is set up, in Markdown. */
            guide?: string | null;
            /** @description An SVG drawing. */
            icon?: string | null;
            /** @description Whether it takes files, and not messages. */
            isBatch?: boolean | null;
            /** @description Whether flows deliver to it. */
            isDestination?: boolean | null;
            /** @description Whether flows come from it. */
            isSource?: boolean | null;
            /** @description Older ids of the kind. */
            legacyIds?: string[] | null;
        };
        /**
         * SpecForm
         * @description A form. Documentation only.
         */
        SpecForm: {
            /** @description Its name. */
            name: string;
            /** @description The form as JSON Schema. */
            spec: {
                [key: string]: unknown;
            };
            /** @description Its kind. */
            type: string;
        };
        /**
         * SpecReference
         * @description An id with a version. Documentation only.
         * @example {
         *       "id": "4fce964d-3f37-408f-9778-e597338a21ee",
         *       "version": "1.0"
         *     }
         */
        SpecReference: {
            /** @description The id. */
            id: string;
            /** @description `1.0`. */
            version?: string | null;
        };
        /**
         * StartedRuns
         * @description The runs that wait.
         * @example {
         *       "id": "3fb0418e-1804-45d6-8d56-dd51f05c0baf",
         *       "etag": "\"1\"",
         *       "runs": [
         *         "3fb0418e-1804-45d6-8d56-dd51f05c0baf"
         *       ]
         *     }
         */
        StartedRuns: {
            /** @description Its version. */
            etag: string;
            /** @description The first run. */
            id: string;
            /** @description All of them, one for each activated segment; of a flow to a stream, the one. */
            runs: string[];
            /** @description What is allowed but unwise. */
            warnings?: components["schemas"]["Problem"][];
        };
        /**
         * StreamState
         * @description How a stream is. Documentation only.
         * @enum {string}
         */
        StreamState: "idle" | "deriving" | "sending" | "throttled" | "blocked" | "disabled";
        /**
         * StreamStatus
         * @description How a flow to a stream is. Documentation only.
         */
        StreamStatus: {
            /** @description Whether the far end will have been told everything when the open set is settled. */
            complete: boolean;
            fault?: components["schemas"]["ShownFault"] | null;
            /**
             * Format: int64
             * @description Evaluations that were left out because too many waited.
             */
            leftOut: number;
            /**
             * Format: int64
             * @description Refused messages that are kept.
             */
            letters: number;
            /**
             * Format: int64
             * @description Refused messages that were forgotten because too many were kept.
             */
            lettersForgotten: number;
            /**
             * Format: int64
             * @description Messages of the open set.
             */
            messages: number;
            /** @description When it is tried again. */
            nextTryAt?: string | null;
            /**
             * Format: int64
             * @description Of them, those that are not settled.
             */
            pending: number;
            /**
             * Format: int64
             * @description The number of the last derivation; 0 before the first.
             */
            sequence: number;
            /** @description Since when. */
            since?: string | null;
            /** @description How it is. */
            state: components["schemas"]["StreamState"];
            /** @description When this was so. */
            updatedAt: string;
            /**
             * Format: int64
             * @description Evaluations that wait to be derived.
             */
            waiting: number;
        };
        /**
         * AlertSubscription
         * @description Who is told of what. Documentation only.
         * @example {
         *       "name": "Failures to the team",
         *       "kinds": [
         *         "runFailure",
         *         "runDelay"
         *       ],
         *       "channel": {
         *         "type": "webhook",
         *         "url": "https://hooks.example.com/outflow",
         *         "secret": "…"
         *       }
         *     }
         */
        Subscription: {
            /** @description How they are told. The secret is shown as `********`. */
            channel: components["schemas"]["AlertChannel"];
            /** @description Of one flow; of all without it. */
            flowId?: string | null;
            /** @description `runStart`, `runSuccess`, `runFailure`, `runDelay`, `skippedRate`, `flowPaused`; all without it. */
            kinds?: string[] | null;
            /** @description What people call it. */
            name: string;
        };
        /**
         * AlertSubscriptions
         * @description A list of subscriptions. Documentation only.
         * @example {
         *       "items": [
         *         {
         *           "id": "2f3f7f52-2d6e-4a0e-9a57-0f2a8f4f4a30",
         *           "createdAt": 1660922583694,
         *           "updatedAt": 1660922584231,
         *           "createdBy": "admin",
         *           "updatedBy": "admin",
         *           "sandboxName": "prod",
         *           "imsOrgId": "outflow",
         *           "version": "\"1\"",
         *           "etag": "\"1\"",
         *           "name": "Failures to the team",
         *           "kinds": [
         *             "runFailure"
         *           ],
         *           "channel": {
         *             "type": "email",
         *             "to": [
         *               "team@example.org"
         *             ]
         *           }
         *         }
         *       ],
         *       "_links": {}
         *     }
         */
        Subscriptions: {
            /** @description The next page; left out where one object is asked for. */
            _links?: components["schemas"]["Links"];
            /**
             * Format: int64
             * @description All that match, where it was asked for.
             */
            count?: number | null;
            /** @description True where `count` is not of all. */
            countIsPartial?: boolean | null;
            /** @description The subscriptions. */
            items: components["schemas"]["ShownSubscription"][];
        };
        /**
         * Suggestion
         * @description A suggested label. Documentation only.
         * @example {
         *       "schemaPath": "/properties/email",
         *       "label": "I1",
         *       "likeness": "email",
         *       "reasons": [
         *         "name",
         *         "values"
         *       ],
         *       "valuesSampled": 100,
         *       "valuesAlike": 98
         *     }
         */
        Suggestion: {
            /** @description The label. */
            label: string;
            /** @description What the field looks like: `email`, `phone`, `coordinates` or `identifier`. */
            likeness: string;
            /** @description Why: `identity` where the dataset names it as one, `name` for its name, `values` for what it holds. */
            reasons: string[];
            /** @description The field. */
            schemaPath: string;
            /**
             * Format: int64
             * @description How many of them look so.
             */
            valuesAlike: number;
            /**
             * Format: int64
             * @description How many values were looked at.
             */
            valuesSampled: number;
        };
        /**
         * Suggestions
         * @description Suggested labels. Documentation only.
         * @example {
         *       "suggestions": [],
         *       "recordsSampled": 100
         *     }
         */
        Suggestions: {
            /**
             * Format: int64
             * @description How many records were looked at.
             */
            recordsSampled: number;
            /** @description In the order of the dataset's fields. */
            suggestions: components["schemas"]["Suggestion"][];
        };
        /**
         * Suppressions
         * @description A page of the list. Documentation only.
         * @example {
         *       "items": [
         *         {
         *           "key": "9f86d081884c7d659a2feaa0c55ad015",
         *           "namespace": "Email",
         *           "reason": "Objected on 2026-11-25",
         *           "addedAt": 1795651200000,
         *           "addedBy": "admin"
         *         }
         *       ],
         *       "_links": {},
         *       "count": 1
         *     }
         */
        Suppressions: {
            /** @description The next page. */
            _links: components["schemas"]["Links"];
            /**
             * Format: int64
             * @description All of them.
             */
            count: number;
            /** @description Those of the page, by key. */
            items: components["schemas"]["ShownSuppression"][];
        };
        /**
         * TargetConnection
         * @description A target as it is sent. Documentation only.
         * @example {
         *       "name": "Exports of loyal customers",
         *       "baseConnectionId": "69f188b6-af07-4587-8061-e94d34637b41",
         *       "connectionSpec": {
         *         "id": "4fce964d-3f37-408f-9778-e597338a21ee",
         *         "version": "1.0"
         *       },
         *       "params": {
         *         "mode": "Server-to-server",
         *         "bucketName": "exports",
         *         "path": "loyal/%SEGMENT_NAME%",
         *         "fileType": "CSV",
         *         "compression": "GZIP",
         *         "csvOptions": {
         *           "delimiter": ","
         *         }
         *       }
         *     }
         */
        TargetConnection: {
            /** @description The account. */
            baseConnectionId: string;
            connectionSpec?: components["schemas"]["SpecReference"] | null;
            /** @description What it is for. */
            description?: string | null;
            /** @description What people call it. */
            name: string;
            /**
             * @description What the connection spec's `targetSpec` asks for, and what the files are: `fileType` CSV, JSON or PARQUET,
             *     `compression` NONE, GZIP or ZSTD, `csvOptions`. A stream has no files: `includeSegmentNames` and
             *     `includeSegmentTimestamps` say what its messages tell of segments.
             */
            params: unknown;
            policy?: components["schemas"]["Enforcement"] | null;
        };
        /**
         * TargetConnections
         * @description A list of targets. Documentation only.
         * @example {
         *       "items": [
         *         {
         *           "id": "94c6fb2e-9431-42fd-aeee-c83e67c43578",
         *           "createdAt": 1660922583694,
         *           "updatedAt": 1660922584231,
         *           "createdBy": "admin",
         *           "updatedBy": "admin",
         *           "sandboxName": "prod",
         *           "imsOrgId": "outflow",
         *           "version": "\"1\"",
         *           "etag": "\"1\"",
         *           "name": "Exports of loyal customers",
         *           "baseConnectionId": "69f188b6-af07-4587-8061-e94d34637b41",
         *           "connectionSpec": {
         *             "id": "4fce964d-3f37-408f-9778-e597338a21ee",
         *             "version": "1.0"
         *           },
         *           "params": {
         *             "bucketName": "exports",
         *             "path": "loyal",
         *             "fileType": "CSV",
         *             "compression": "GZIP"
         *           }
         *         }
         *       ],
         *       "_links": {}
         *     }
         */
        TargetConnections: {
            /** @description The next page; left out where one object is asked for. */
            _links?: components["schemas"]["Links"];
            /**
             * Format: int64
             * @description All that match, where it was asked for.
             */
            count?: number | null;
            /** @description True where `count` is not of all. */
            countIsPartial?: boolean | null;
            /** @description The targets. */
            items: components["schemas"]["ShownTargetConnection"][];
        };
        /**
         * TestResult
         * @description What a test answers. Documentation only.
         * @example {
         *       "result": true,
         *       "probe": {
         *         "steps": []
         *       }
         *     }
         */
        TestResult: {
            probe?: components["schemas"]["Probe"] | null;
            /** @description Always true: what fails is answered with 400. */
            result: boolean;
        };
        /**
         * Token
         * @description A token.
         * @example {
         *       "access_token": "kX3…",
         *       "token_type": "bearer",
         *       "expires_in": 86399,
         *       "scope": "read"
         *     }
         */
        Token: {
            /** @description The token, opaque. */
            access_token: string;
            /**
             * Format: int64
             * @description Seconds for which it is valid.
             */
            expires_in: number;
            /** @description What it may be used for. */
            scope: string;
            /** @description `bearer`. */
            token_type: string;
        };
        /**
         * TokenRequest
         * @description The form. Documentation only: it is read whatever its `Content-Type` says.
         * @example {
         *       "grant_type": "client_credentials",
         *       "client_id": "admin",
         *       "client_secret": "…",
         *       "scope": "read"
         *     }
         */
        TokenRequest: {
            /** @description The client's id. */
            client_id: string;
            /** @description The client's secret. */
            client_secret: string;
            /** @description `client_credentials`. */
            grant_type: string;
            /**
             * @description Scopes that the token shall have, with blanks or commas between them: `read`, `write`, `*`. Without one of them,
             *     all of the client's; what other services call scopes is not looked at.
             */
            scope?: string | null;
        };
        /**
         * UnmappedField
         * @description A column that is taken out. Documentation only.
         */
        UnmappedField: {
            /** @description What it exports. */
            path: string;
            /** @description JSON Pointer of its selector's `value` in the flow. */
            pointer: string;
        };
        /**
         * UseKind
         * @description What a field is used for. Documentation only.
         * @enum {string}
         */
        UseKind: "rule" | "mapping" | "mandatory" | "deduplication" | "message";
        /**
         * Verification
         * @description What reading the files of a run back found. Documentation only.
         */
        Verification: {
            /** @description When it ended. */
            endedAt?: string | null;
            error?: components["schemas"]["ShownFault"] | null;
            /** @description The files. */
            files?: components["schemas"]["VerifiedFile"][] | null;
            /** @description When it began. */
            startedAt?: string | null;
            /** @description `queued`, `processing`, `success`, `failed` or `cancelled`. */
            state: string;
        };
        /**
         * VerifiedFile
         * @description A file that was read back. Documentation only.
         */
        VerifiedFile: {
            /** @description Whether it is what was delivered. */
            matches: boolean;
            /** @description Its name below the target. */
            name: string;
            /** @description Why not. */
            problem?: string | null;
            /** @description Where it is. */
            url: string;
        };
        /**
         * ViolatedPolicy
         * @description The policy of a violation. Documentation only.
         */
        ViolatedPolicy: {
            /** @description Why, for people. */
            description: string;
            /** @description Its id. */
            id: string;
            /** @description Its name. */
            name: string;
        };
        /**
         * WayOut
         * @description A way to resolve a violation. Documentation only.
         */
        WayOut: {
            /** @description What to do, all of it. */
            steps: components["schemas"]["WayOutStep"][];
        };
        /**
         * WayOutStep
         * @description One thing to do. Documentation only.
         */
        WayOutStep: {
            fields: components["schemas"]["UnmappedField"][];
            /** @enum {string} */
            kind: "unmap";
        } | {
            fields: string[];
            /** @enum {string} */
            kind: "dropMandatory";
        } | {
            fields: string[];
            /** @enum {string} */
            kind: "changeKey";
        } | {
            fields: string[];
            /** @enum {string} */
            kind: "changeRule";
            segment: components["schemas"]["EntityName"];
        } | {
            dataset: components["schemas"]["EntityName"];
            /** @enum {string} */
            kind: "changeLabels";
            labels: string[];
            schemaPath?: string | null;
        } | {
            /** @enum {string} */
            kind: "removeSegment";
            segment: components["schemas"]["EntityName"];
        } | {
            actions: string[];
            /** @enum {string} */
            kind: "dropActions";
        } | {
            /** @enum {string} */
            kind: "disablePolicy";
            owner: string;
            policyId: string;
            policyName: string;
        };
        /**
         * Whereabouts
         * @description Files and messages that a profile was in. Documentation only.
         * @example {
         *       "profileIds": [
         *         "CRMID:4711"
         *       ],
         *       "profilesTotal": 1,
         *       "departures": [
         *         {
         *           "leftAt": 1795651200000,
         *           "flowId": "3d17a4ff-9e0a-4f7c-94bb-bc0b61a3a76d",
         *           "flowName": "Loyal customers to the agency",
         *           "runId": "7af3ba45-4952-4371-8361-1b30134be7eb",
         *           "segmentId": "54669488-03ab-4e0d-a694-37fe49e32be8",
         *           "file": "loyal.csv",
         *           "url": "s3://exports/loyal.csv",
         *           "sequence": null,
         *           "target": {
         *             "id": "94c6fb2e-9431-42fd-aeee-c83e67c43578",
         *             "name": "Exports of loyal customers",
         *             "url": "s3://exports"
         *           },
         *           "targetIsOfNow": false,
         *           "marketingActions": [
         *             "/dulepolicy/marketingActions/core/emailTargeting"
         *           ],
         *           "decision": 7,
         *           "confirmed": true
         *         }
         *       ],
         *       "unreadable": [],
         *       "completeSince": 1761091200000,
         *       "next": null
         *     }
         */
        WhereaboutsAnswer: {
            /**
             * Format: int64
             * @description Since when every departure is known, in milliseconds since 1970; null where there never was one.
             */
            completeSince?: number | null;
            /** @description The files and messages, the newest first. */
            departures: components["schemas"]["ShownDeparture"][];
            /** @description The `start` of the next page; null on the last one. */
            next?: string | null;
            /**
             * @description The profiles that have the identity now, by their primary ones: 1,000 at most. A profile that is not there any more
             *     is found by its primary identity alone.
             */
            profileIds: string[];
            /**
             * Format: int64
             * @description How many profiles have the identity; 1,000 where they are more. `departures` are those of the first 20: what left of
             *     another one is found by its primary identity.
             */
            profilesTotal: number;
            /** @description Files and messages of which it cannot be told, because what says so is not on this server's disk or is damaged. */
            unreadable: components["schemas"]["ShownDeparture"][];
        };
        /**
         * WhereaboutsRequest
         * @description Who is asked for. Documentation only.
         * @example {
         *       "namespace": "Email",
         *       "id": "ada@example.org"
         *     }
         */
        WhereaboutsRequest: {
            /** @description The identity's value, exactly as datasets hold it. */
            id: string;
            /**
             * Format: int32
             * @description Departures of a page, 1 to 1,000, as without it. A page may have some more, or fewer.
             */
            limit?: number | null;
            /** @description The namespace of the identity, as datasets name it. */
            namespace: string;
            /** @description Where the page begins: the `next` of the page before. */
            start?: string | null;
        };
        /**
         * WindowCounts
         * @description What became of the messages of a flow to a stream. Documentation only.
         */
        WindowCounts: {
            /**
             * Format: int64
             * @description Those that were accepted.
             */
            accepted: number;
            /**
             * Format: int64
             * @description About attributes that changed.
             */
            attributes: number;
            /**
             * Format: int64
             * @description Their bytes.
             */
            bytes: number;
            /**
             * Format: int64
             * @description About profiles that entered.
             */
            entered: number;
            /**
             * Format: int64
             * @description About identities that changed.
             */
            identities: number;
            /**
             * Format: int64
             * @description About profiles that left.
             */
            left: number;
            /**
             * Format: int64
             * @description Messages that there were.
             */
            messages: number;
            /**
             * Format: int64
             * @description Those that were too large.
             */
            oversize: number;
            /**
             * Format: int64
             * @description Those that were refused.
             */
            refused: number;
            /**
             * Format: int64
             * @description Sent again.
             */
            resent: number;
            /**
             * Format: int64
             * @description About what is so and was not told before.
             */
            rewrites: number;
        };
        /**
         * WithheldCount
         * @description How many members are withheld.
         * @example {
         *       "profiles": 120,
         *       "low": 118,
         *       "high": 123
         *     }
         */
        Withheld: {
            /**
             * Format: int64
             * @description They are at most this, with 95 % confidence; the number itself where all were looked at.
             */
            high: number;
            /**
             * Format: int64
             * @description They are at least this, with 95 % confidence; the number itself where all were looked at.
             */
            low: number;
            /**
             * Format: int64
             * @description Members.
             */
            profiles: number;
        };
        /**
         * WithheldByPolicy
         * @description How many members a consent policy withholds.
         * @example {
         *       "id": "0c2f58b5-4a1c-4c6f-9d5e-0f8f8f0f7a11",
         *       "name": "E-mail only with consent",
         *       "profiles": 120,
         *       "low": 118,
         *       "high": 123
         *     }
         */
        WithheldByPolicy: components["schemas"]["Withheld"] & {
            /** @description The policy's id. */
            id: string;
            /** @description Its name. */
            name: string;
        };
        /**
         * WithheldPreview
         * @description Who would be withheld from a flow.
         * @example {
         *       "segments": [
         *         {
         *           "segmentId": "54669488-03ab-4e0d-a694-37fe49e32be8",
         *           "evaluated": true,
         *           "members": 1000,
         *           "read": 1000,
         *           "suppressed": {
         *             "profiles": 3,
         *             "low": 3,
         *             "high": 3
         *           },
         *           "consent": [
         *             {
         *               "id": "0c2f58b5-4a1c-4c6f-9d5e-0f8f8f0f7a11",
         *               "name": "E-mail only with consent",
         *               "profiles": 120,
         *               "low": 120,
         *               "high": 120
         *             }
         *           ],
         *           "all": {
         *             "profiles": 122,
         *             "low": 122,
         *             "high": 122
         *           }
         *         }
         *       ],
         *       "segmentsLeftOut": 0
         *     }
         */
        WithheldPreview: {
            /** @description The flow's segments, or those of them that were asked for, 10 at most. */
            segments: components["schemas"]["SegmentPreview"][];
            /** @description How many of the flow's segments were not looked at. */
            segmentsLeftOut: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    console_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Who it is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    console_sign_in: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description Who is signed in now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description The body is wrong. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The client is unknown or its secret is wrong; or the link was used, or has expired. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Another site may have had the browser send it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Too many sign in at the moment. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    console_sign_out: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Nobody is signed in any more. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Another site may have had the browser send it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    adhocrun_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AdhocRequest"];
            };
        };
        responses: {
            /** @description The runs wait. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AdhocOrders"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description A flow is disabled, or a run of a segment is going on. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    datasets_union: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The fields as a tree; without any before the first refresh. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProfileFields"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    schedules_list: {
        parameters: {
            query?: {
                /** @description Schedules of a page, 1 to 100; 100 without it. */
                limit?: number;
                /** @description How many to leave out: `_page.next` of the page before. */
                start?: string;
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the schedules. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedules"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    schedules_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Schedule"];
            };
        };
        responses: {
            /** @description The schedule is saved. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShownSchedule"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    schedules_get: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The schedule's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The schedule. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShownSchedule"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    schedules_delete: {
        parameters: {
            query?: never;
            header?: {
                /** @description The etag that was read; without it, whatever it is now. */
                "If-Match"?: string | null;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The schedule's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    schedules_patch: {
        parameters: {
            query?: never;
            header?: {
                /** @description The etag that was read; without it, whatever it is now. */
                "If-Match"?: string | null;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The schedule's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example [
                 *       {
                 *         "op": "add",
                 *         "path": "/state",
                 *         "value": "active"
                 *       }
                 *     ]
                 */
                "application/json": components["schemas"]["PatchOperationBody"][];
            };
        };
        responses: {
            /** @description The schedule is changed. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    segments_estimate: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The preview's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The estimate; exact where all profiles were read. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Estimated"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    segments_preview: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PreviewRequest"];
            };
        };
        responses: {
            /** @description The question is kept for a day. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Preview"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    segments_sample: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The preview's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description At most twenty profiles. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sample"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    segments_withdraw: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The preview's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Removed"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    profiles_find: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IdentityBody"];
            };
        };
        responses: {
            /** @description What is known of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FoundPerson"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    segments_list: {
        parameters: {
            query?: {
                /**
                 * @description Segments of a page, 1 to 100; 100 without it.
                 * @example 100
                 */
                limit?: number;
                /**
                 * @description The page's number, from 0.
                 * @example 0
                 */
                page?: number;
                /** @description A filter such as `name==Loyal customers`; repeated ones must all hold. */
                property?: string[];
                /**
                 * @description `creationTime`, `updateTime` or `name`, with `:asc` or `:desc`.
                 * @example updateTime:desc
                 */
                sort?: string;
                /**
                 * @description Instead of `page`: how many segments to leave out, or where `link.next` leads.
                 * @example 0
                 */
                start?: string;
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the segments that match. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Segments"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    segments_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Segment"];
            };
        };
        responses: {
            /** @description The segment is saved. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShownSegment"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    segments_get: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The segment's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The segment, with the counts of its last evaluation. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShownSegment"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    segments_delete: {
        parameters: {
            query?: never;
            header?: {
                /** @description The etag that was read; without it, whatever it is now. */
                "If-Match"?: string | null;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The segment's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Removed"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Flows export it; the answer names them. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    segments_patch: {
        parameters: {
            query?: {
                /**
                 * @description What becomes of it where enabled flows would violate a policy afterwards: `refuse`, as without it, answers 409 with
                 *     `violations` and saves nothing; `pause` saves it, pauses those flows, and names them in `pausedFlows`.
                 * @example refuse
                 */
                onViolation?: string;
            };
            header?: {
                /** @description The etag that was read; without it, whatever it is now. */
                "If-Match"?: string | null;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The segment's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Segment"];
            };
        };
        responses: {
            /** @description The segment is changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShownSegment"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Flows would violate policies: `violations` says which, why, and what would resolve it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    segments_history: {
        parameters: {
            query?: {
                /** @description Evaluations, 1 to 366; 31 without it. */
                limit?: number;
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The segment's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The counts of its evaluations. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["History"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    segments_bulk_get: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Ids"];
            };
        };
        responses: {
            /** @description The segments that there are, by id. */
            207: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Results"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    segment_jobs_list: {
        parameters: {
            query?: {
                /**
                 * @description Jobs of a page, 1 to 100; 20 without it.
                 * @example 20
                 */
                limit?: number;
                /** @description A filter such as `source==scheduler`; repeated ones must all hold. */
                property?: string[];
                /** @description `creationTime` or `updateTime`, with `:asc` or `:desc`. */
                sort?: string;
                /**
                 * @description How many to leave out: `_page.next` of the page before.
                 * @example 0
                 */
                start?: string;
                /** @description Jobs with this status, for example `SUCCEEDED`; several with commas. */
                status?: string;
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the evaluations that match. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentJobs"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    segment_jobs_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example [
                 *       {
                 *         "segmentId": "4afe34ae-8c98-4513-8a1d-67ccaa54bc05"
                 *       }
                 *     ]
                 */
                "application/json": unknown[];
            };
        };
        responses: {
            /** @description The evaluation waits or begins. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentJob"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    segment_jobs_get: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The job's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The evaluation. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentJob"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    segment_jobs_cancel: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The job's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is cancelled or about to stop. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    segment_jobs_bulk_get: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Ids"];
            };
        };
        responses: {
            /** @description The evaluations that there are, by id. */
            207: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Results"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    suppressions_list: {
        parameters: {
            query?: {
                /** @description Items of a page, 1 to 1,000; 20 without it. */
                limit?: number;
                /** @description Where the page begins: from the `_links.next.href` of the page before. */
                start?: string;
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Suppressions"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    suppressions_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSuppressions"];
            };
        };
        responses: {
            /** @description They are in the list, which has at most 1,000,000. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Added"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    suppressions_remove: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RemovedSuppressions"];
            };
        };
        responses: {
            /** @description They are not in the list any more. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Removed"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    whereabouts_find: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WhereaboutsRequest"];
            };
        };
        responses: {
            /** @description What left of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WhereaboutsAnswer"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    alerts_list: {
        parameters: {
            query?: {
                /** @description Where the page begins: from the `_links.next.href` of the page before, which needs no other parameter. */
                continuationToken?: string;
                /**
                 * @description Whether to count all items that match. Where filters decide on more than 20,000 objects, those that match among
                 *     the first 20,000 are counted, and `countIsPartial` says so.
                 * @example false
                 */
                count?: boolean;
                /**
                 * @description Items of a page, 1 to 100.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description The member to order by, with `-` before it for the other direction. Without it the newest comes first.
                 * @example -createdAt
                 */
                orderby?: string;
                /**
                 * @description A filter such as `name==Loyal customers`, `state==enabled,disabled` or `lastRunDetails.startedAtUTC>=1670880253121`:
                 *     a dotted path, `[]` for any element of a list, `==`, `>`, `>=`, `<` or `<=`, and a value or several with commas,
                 *     which means any of them. Repeated filters must all hold.
                 * @example [
                 *       "state==enabled"
                 *     ]
                 */
                property?: string[];
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the alerts that match. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alerts"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    alerts_subscriptions: {
        parameters: {
            query?: {
                /** @description Where the page begins: from the `_links.next.href` of the page before, which needs no other parameter. */
                continuationToken?: string;
                /**
                 * @description Whether to count all items that match. Where filters decide on more than 20,000 objects, those that match among
                 *     the first 20,000 are counted, and `countIsPartial` says so.
                 * @example false
                 */
                count?: boolean;
                /**
                 * @description Items of a page, 1 to 100.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description The member to order by, with `-` before it for the other direction. Without it the newest comes first.
                 * @example -createdAt
                 */
                orderby?: string;
                /**
                 * @description A filter such as `name==Loyal customers`, `state==enabled,disabled` or `lastRunDetails.startedAtUTC>=1670880253121`:
                 *     a dotted path, `[]` for any element of a list, `==`, `>`, `>=`, `<` or `<=`, and a value or several with commas,
                 *     which means any of them. Repeated filters must all hold.
                 * @example [
                 *       "state==enabled"
                 *     ]
                 */
                property?: string[];
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the subscriptions that match. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscriptions"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    alerts_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Subscription"];
            };
        };
        responses: {
            /** @description The subscription is saved. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Created"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    alerts_get: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The subscription's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The subscription, as a list of one. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscriptions"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    alerts_delete: {
        parameters: {
            query?: never;
            header?: {
                /** @description The etag that was read; without it, whatever it is now. */
                "If-Match"?: string | null;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The subscription's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    alerts_patch: {
        parameters: {
            query?: never;
            header: {
                /** @description The etag that was read, with or without its quotes, or `*`. */
                "If-Match": string;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The subscription's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example [
                 *       {
                 *         "op": "add",
                 *         "path": "/kinds/-",
                 *         "value": "runDelay"
                 *       }
                 *     ]
                 */
                "application/json": components["schemas"]["PatchOperationBody"][];
            };
        };
        responses: {
            /** @description The subscription is changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Created"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description If-Match is missing. */
            428: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    audit_check: {
        parameters: {
            query?: {
                /** @description The number of the record to begin behind; from the first one without it. */
                after?: number;
                /** @description Instead of the sandbox's log that about the server. Needs the scope `*`. */
                server?: boolean;
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The log was checked: 100,000 records at most. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditCheck"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    audit_list: {
        parameters: {
            query?: {
                /**
                 * @description With this action, such as `updated` or `exportRefused`.
                 * @example exportRefused
                 */
                action?: string;
                /**
                 * @description By this client.
                 * @example admin
                 */
                actor?: string;
                /** @description Records of a page, 1 to 100; 20 without it. */
                limit?: number;
                /**
                 * @description About objects of this kind.
                 * @example flow
                 */
                noun?: string;
                /** @description About this object. */
                objectId?: string;
                /** @description `-seq`, as without it, for the newest first; `seq` for the oldest. */
                orderby?: string;
                /**
                 * @description Instead of the sandbox's records those that are about no sandbox, such as clients. Needs the scope `*`.
                 * @example false
                 */
                server?: boolean;
                /**
                 * @description From this time on: RFC 3339, or milliseconds since 1970.
                 * @example 2026-11-01T00:00:00Z
                 */
                since?: string;
                /** @description Where the page begins: from the `_links.next.href` of the page before. */
                start?: string;
                /** @description Before this time: RFC 3339, or milliseconds since 1970. */
                until?: string;
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the records that match. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditEvents"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    audit_export: {
        parameters: {
            query?: {
                /**
                 * @description With this action, such as `updated` or `exportRefused`.
                 * @example exportRefused
                 */
                action?: string;
                /**
                 * @description By this client.
                 * @example admin
                 */
                actor?: string;
                /**
                 * @description About objects of this kind.
                 * @example flow
                 */
                noun?: string;
                /** @description About this object. */
                objectId?: string;
                /**
                 * @description Instead of the sandbox's records those that are about no sandbox, such as clients. Needs the scope `*`.
                 * @example false
                 */
                server?: boolean;
                /**
                 * @description From this time on: RFC 3339, or milliseconds since 1970.
                 * @example 2026-11-01T00:00:00Z
                 */
                since?: string;
                /** @description Before this time: RFC 3339, or milliseconds since 1970. */
                until?: string;
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The records that match, one a line. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example {"seq":1,"action":"created","noun":"flow"} */
                    "application/x-ndjson": string;
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    clients_list: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Clients"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `*`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    clients_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClientRequest"];
            };
        };
        responses: {
            /** @description The client is made. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClientSecret"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `*`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The id is taken. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    clients_get: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The client's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The client, as a list of one. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Clients"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `*`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    clients_delete: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The client's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone, and so are its tokens. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `*`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It is the server's own client. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    clients_login_link: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The client's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The link. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginLink"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `*`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It is the server's own client, and not the caller. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    clients_rotate: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The client's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The new secret. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClientSecret"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `*`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It is the server's own client. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    dataset_labels_get: {
        parameters: {
            query?: {
                /** @description Whether labels that are not there are empty ones. */
                empty?: boolean;
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The dataset's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The labels. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LabelPayload"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such dataset, or nobody has labelled it. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["LabelsProblem"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    dataset_labels_put: {
        parameters: {
            query?: {
                /**
                 * @description What becomes of it where enabled flows would violate a policy afterwards: `refuse`, as without it, answers 409 with
                 *     `violations` and saves nothing; `pause` saves it, pauses those flows, and names them in `pausedFlows`.
                 * @example refuse
                 */
                onViolation?: string;
            };
            header: {
                /** @description The etag that was read, with or without its quotes, or `*`. */
                "If-Match": string;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The dataset's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LabelPayload"];
            };
        };
        responses: {
            /** @description The labels are saved. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LabelPayload"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such dataset, or it has no labels of this etag. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["LabelsProblem"];
                };
            };
            /** @description Flows would violate a policy; `violations` says which and why. Or the dataset's fields are not known yet. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description If-Match is missing. */
            428: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    dataset_labels_create: {
        parameters: {
            query?: {
                /**
                 * @description What becomes of it where enabled flows would violate a policy afterwards: `refuse`, as without it, answers 409 with
                 *     `violations` and saves nothing; `pause` saves it, pauses those flows, and names them in `pausedFlows`.
                 * @example refuse
                 */
                onViolation?: string;
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The dataset's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LabelPayload"];
            };
        };
        responses: {
            /** @description The labels are saved. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LabelPayload"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The dataset has labels already: PUT changes them. Or the token is missing or lacks the scope `write`. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["LabelsProblem"];
                };
            };
            /** @description There is no such dataset. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["LabelsProblem"];
                };
            };
            /** @description Flows would violate a policy; `violations` says which and why. Or the dataset's fields are not known yet. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    dataset_labels_suggest: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The dataset's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The suggestions. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Suggestions"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It is not refreshed yet, and its files are too large to look into or do not answer. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    dataset_labels_accept: {
        parameters: {
            query?: {
                /**
                 * @description What becomes of it where enabled flows would violate a policy afterwards: `refuse`, as without it, answers 409 with
                 *     `violations` and saves nothing; `pause` saves it, pauses those flows, and names them in `pausedFlows`.
                 * @example refuse
                 */
                onViolation?: string;
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The dataset's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NamedSuggestions"];
            };
        };
        responses: {
            /** @description The labels of the dataset now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LabelPayload"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Flows would violate a policy; `violations` says which and why. Or the dataset's fields are not known yet. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    dataset_labels_refuse: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The dataset's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NamedSuggestions"];
            };
        };
        responses: {
            /** @description They are refused. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RefusedSuggestions"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The dataset's fields are not known yet, or too many decisions are kept. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    datasets_list: {
        parameters: {
            query?: {
                /** @description Where the page begins: from the `_links.next.href` of the page before, which needs no other parameter. */
                continuationToken?: string;
                /**
                 * @description Whether to count all items that match. Where filters decide on more than 20,000 objects, those that match among
                 *     the first 20,000 are counted, and `countIsPartial` says so.
                 * @example false
                 */
                count?: boolean;
                /**
                 * @description Items of a page, 1 to 100.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description The member to order by, with `-` before it for the other direction. Without it the newest comes first.
                 * @example -createdAt
                 */
                orderby?: string;
                /**
                 * @description A filter such as `name==Loyal customers`, `state==enabled,disabled` or `lastRunDetails.startedAtUTC>=1670880253121`:
                 *     a dotted path, `[]` for any element of a list, `==`, `>`, `>=`, `<` or `<=`, and a value or several with commas,
                 *     which means any of them. Repeated filters must all hold.
                 * @example [
                 *       "state==enabled"
                 *     ]
                 */
                property?: string[];
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the datasets that match. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Datasets"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    datasets_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Dataset"];
            };
        };
        responses: {
            /** @description The dataset is attached and a refresh begins. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refreshing"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    datasets_get: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The dataset's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The dataset, as a list of one. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Datasets"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    datasets_delete: {
        parameters: {
            query?: never;
            header?: {
                /** @description The etag that was read; without it, whatever it is now. */
                "If-Match"?: string | null;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The dataset's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is detached. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    datasets_patch: {
        parameters: {
            query?: {
                /**
                 * @description What becomes of it where enabled flows would violate a policy afterwards: `refuse`, as without it, answers 409 with
                 *     `violations` and saves nothing; `pause` saves it, pauses those flows, and names them in `pausedFlows`.
                 * @example refuse
                 */
                onViolation?: string;
            };
            header: {
                /** @description The etag that was read, with or without its quotes, or `*`. */
                "If-Match": string;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The dataset's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example [
                 *       {
                 *         "op": "replace",
                 *         "path": "/name",
                 *         "value": "Customers"
                 *       }
                 *     ]
                 */
                "application/json": components["schemas"]["PatchOperationBody"][];
            };
        };
        responses: {
            /** @description The dataset is changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refreshing"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Flows would violate policies: `violations` says which, why, and what would resolve it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description If-Match is missing. */
            428: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    datasets_preview: {
        parameters: {
            query?: {
                /** @description Records, 1 to 100; 10 without it. */
                limit?: number;
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The dataset's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The first records. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordPreview"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It is not refreshed yet, and its files are too large to look into or do not answer. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    datasets_refresh: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The dataset's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A refresh waits or begins. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refreshing"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    datasets_schema: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The dataset's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The fields as a tree. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SchemaTree"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It is not refreshed yet, and its files are too large to look into or do not answer. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    datasets_inspect: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InspectRequest"];
            };
        };
        responses: {
            /** @description What is there. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Inspection"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    policy_evaluation_bulk_evaluate: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example [
                 *       {
                 *         "evalRef": "/dulepolicy/marketingActions/core/emailTargeting/constraints",
                 *         "labels": [
                 *           "C1"
                 *         ]
                 *       }
                 *     ]
                 */
                "application/json": components["schemas"]["Evaluation"][];
            };
        };
        responses: {
            /** @description An answer for each. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example [] */
                    "application/json": components["schemas"]["Evaluated"][];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    consent_policies_list: {
        parameters: {
            query?: {
                /**
                 * @description Objects of a page, 1 to 100; 100 without it.
                 * @example 100
                 */
                limit?: number;
                /**
                 * @description The members to order by, with commas between them, and `-` before one for the other direction. Without it core
                 *     objects come in their own order, and custom ones the oldest first.
                 * @example -updated,name
                 */
                orderby?: string;
                /**
                 * @description A filter such as `name==C1`, or `name` for those that have one; repeated ones must all hold.
                 * @example [
                 *       "name==C1"
                 *     ]
                 */
                property?: string[];
                /**
                 * @description Where the page begins: `_page.next` of the page before.
                 * @example 0
                 */
                start?: string;
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the policies that match. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConsentPolicies"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    consent_policies_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConsentPolicy"];
            };
        };
        responses: {
            /** @description The policy is saved. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShownConsentPolicy"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The sandbox has as many as it may have. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    consent_policies_get: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The policy's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The policy. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShownConsentPolicy"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    consent_policies_put: {
        parameters: {
            query?: never;
            header?: {
                /** @description The etag that was read; without it, whatever it is now. */
                "If-Match"?: string | null;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The policy's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConsentPolicy"];
            };
        };
        responses: {
            /** @description The policy is changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShownConsentPolicy"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    consent_policies_delete: {
        parameters: {
            query?: never;
            header?: {
                /** @description The etag that was read; without it, whatever it is now. */
                "If-Match"?: string | null;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The policy's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    consent_policies_patch: {
        parameters: {
            query?: never;
            header?: {
                /** @description The etag that was read; without it, whatever it is now. */
                "If-Match"?: string | null;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The policy's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example [
                 *       {
                 *         "op": "replace",
                 *         "path": "/status",
                 *         "value": "ENABLED"
                 *       }
                 *     ]
                 */
                "application/json": components["schemas"]["PatchOperationBody"][];
            };
        };
        responses: {
            /** @description The policy is changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShownConsentPolicy"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    policies_get_enabled: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Their ids. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShownEnabledCorePolicies"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    policies_put_enabled: {
        parameters: {
            query?: {
                /**
                 * @description What becomes of it where enabled flows would violate a policy afterwards: `refuse`, as without it, answers 409 with
                 *     `violations` and saves nothing; `pause` saves it, pauses those flows, and names them in `pausedFlows`.
                 * @example refuse
                 */
                onViolation?: string;
            };
            header?: {
                /** @description The etag that was read; without it, whatever it is now. */
                "If-Match"?: string | null;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EnabledCorePolicies"];
            };
        };
        responses: {
            /** @description These are on. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShownEnabledCorePolicies"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Flows would violate them; `violations` says which and why. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    labels_list_core: {
        parameters: {
            query?: {
                /**
                 * @description Objects of a page, 1 to 100; 100 without it.
                 * @example 100
                 */
                limit?: number;
                /**
                 * @description The members to order by, with commas between them, and `-` before one for the other direction. Without it core
                 *     objects come in their own order, and custom ones the oldest first.
                 * @example -updated,name
                 */
                orderby?: string;
                /**
                 * @description A filter such as `name==C1`, or `name` for those that have one; repeated ones must all hold.
                 * @example [
                 *       "name==C1"
                 *     ]
                 */
                property?: string[];
                /**
                 * @description Where the page begins: `_page.next` of the page before.
                 * @example 0
                 */
                start?: string;
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the labels that match. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CoreLabels"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    labels_get_core: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The label's name. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The label. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CoreLabel"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    labels_list_custom: {
        parameters: {
            query?: {
                /**
                 * @description Objects of a page, 1 to 100; 100 without it.
                 * @example 100
                 */
                limit?: number;
                /**
                 * @description The members to order by, with commas between them, and `-` before one for the other direction. Without it core
                 *     objects come in their own order, and custom ones the oldest first.
                 * @example -updated,name
                 */
                orderby?: string;
                /**
                 * @description A filter such as `name==C1`, or `name` for those that have one; repeated ones must all hold.
                 * @example [
                 *       "name==C1"
                 *     ]
                 */
                property?: string[];
                /**
                 * @description Where the page begins: `_page.next` of the page before.
                 * @example 0
                 */
                start?: string;
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the labels that match. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomLabels"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    labels_get_custom: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The label's name. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The label. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomLabel"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    labels_put: {
        parameters: {
            query?: never;
            header?: {
                /** @description The etag that was read; without it, whatever it is now. */
                "If-Match"?: string | null;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The label's name. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Label"];
            };
        };
        responses: {
            /** @description The label is changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomLabel"];
                };
            };
            /** @description The label is made. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomLabel"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The sandbox has as many as it may have. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    marketing_actions_list_core: {
        parameters: {
            query?: {
                /**
                 * @description Objects of a page, 1 to 100; 100 without it.
                 * @example 100
                 */
                limit?: number;
                /**
                 * @description The members to order by, with commas between them, and `-` before one for the other direction. Without it core
                 *     objects come in their own order, and custom ones the oldest first.
                 * @example -updated,name
                 */
                orderby?: string;
                /**
                 * @description A filter such as `name==C1`, or `name` for those that have one; repeated ones must all hold.
                 * @example [
                 *       "name==C1"
                 *     ]
                 */
                property?: string[];
                /**
                 * @description Where the page begins: `_page.next` of the page before.
                 * @example 0
                 */
                start?: string;
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the actions that match. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CoreMarketingActions"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    marketing_actions_get_core: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The action's name. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The action. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CoreMarketingAction"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    policy_evaluation_evaluate_core_by_labels: {
        parameters: {
            query?: {
                /** @description Instead of labels: a dataset whose labels count. */
                dataSetId?: string;
                /**
                 * @description Labels that the data would have, with commas between them.
                 * @example C1,C3
                 */
                duleLabels?: string;
                /**
                 * @description With a dataset: its fields that count, with commas between them; all without it.
                 * @example /properties/personalEmail/properties/address
                 */
                fields?: string;
                /**
                 * @description Whether policies that are drafts have a say, too.
                 * @example false
                 */
                includeDraft?: boolean;
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The action's name. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The policies that it would violate. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Constraints"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    policy_evaluation_evaluate_core_by_datasets: {
        parameters: {
            query?: {
                /** @description Whether policies that are drafts have a say, too. */
                includeDraft?: boolean;
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The action's name. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example [
                 *       {
                 *         "entityType": "dataSet",
                 *         "entityId": "5e61e66e-e8b4-4a7b-8d41-70c74b0b981a"
                 *       }
                 *     ]
                 */
                "application/json": components["schemas"]["AskedDataset"][];
            };
        };
        responses: {
            /** @description The policies that it would violate. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Constraints"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    marketing_actions_list_custom: {
        parameters: {
            query?: {
                /**
                 * @description Objects of a page, 1 to 100; 100 without it.
                 * @example 100
                 */
                limit?: number;
                /**
                 * @description The members to order by, with commas between them, and `-` before one for the other direction. Without it core
                 *     objects come in their own order, and custom ones the oldest first.
                 * @example -updated,name
                 */
                orderby?: string;
                /**
                 * @description A filter such as `name==C1`, or `name` for those that have one; repeated ones must all hold.
                 * @example [
                 *       "name==C1"
                 *     ]
                 */
                property?: string[];
                /**
                 * @description Where the page begins: `_page.next` of the page before.
                 * @example 0
                 */
                start?: string;
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the actions that match. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomMarketingActions"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    marketing_actions_get_custom: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The action's name. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The action. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomMarketingAction"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    marketing_actions_put: {
        parameters: {
            query?: never;
            header?: {
                /** @description The etag that was read; without it, whatever it is now. */
                "If-Match"?: string | null;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The action's name. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MarketingAction"];
            };
        };
        responses: {
            /** @description The action is changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomMarketingAction"];
                };
            };
            /** @description The action is made. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomMarketingAction"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The sandbox has as many as it may have. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    marketing_actions_delete: {
        parameters: {
            query?: never;
            header?: {
                /** @description The etag that was read; without it, whatever it is now. */
                "If-Match"?: string | null;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The action's name. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Others refer to it; the answer names them. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    policy_evaluation_evaluate_custom_by_labels: {
        parameters: {
            query?: {
                /** @description Instead of labels: a dataset whose labels count. */
                dataSetId?: string;
                /**
                 * @description Labels that the data would have, with commas between them.
                 * @example C1,C3
                 */
                duleLabels?: string;
                /**
                 * @description With a dataset: its fields that count, with commas between them; all without it.
                 * @example /properties/personalEmail/properties/address
                 */
                fields?: string;
                /**
                 * @description Whether policies that are drafts have a say, too.
                 * @example false
                 */
                includeDraft?: boolean;
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The action's name. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The policies that it would violate. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Constraints"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    policy_evaluation_evaluate_custom_by_datasets: {
        parameters: {
            query?: {
                /** @description Whether policies that are drafts have a say, too. */
                includeDraft?: boolean;
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The action's name. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example [
                 *       {
                 *         "entityType": "dataSet",
                 *         "entityId": "5e61e66e-e8b4-4a7b-8d41-70c74b0b981a"
                 *       }
                 *     ]
                 */
                "application/json": components["schemas"]["AskedDataset"][];
            };
        };
        responses: {
            /** @description The policies that it would violate. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Constraints"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    policies_list_core: {
        parameters: {
            query?: {
                /**
                 * @description Labels, with commas between them: policies whose condition names any of them.
                 * @example C1,C3
                 */
                duleLabels?: string;
                /**
                 * @description Objects of a page, 1 to 100; 100 without it.
                 * @example 100
                 */
                limit?: number;
                /**
                 * @description A marketing action's name or address: policies that deny it.
                 * @example emailTargeting
                 */
                marketingAction?: string;
                /**
                 * @description The members to order by, with commas between them, and `-` before one for the other direction. Without it core
                 *     objects come in their own order, and custom ones the oldest first.
                 * @example -updated,name
                 */
                orderby?: string;
                /**
                 * @description A filter such as `name==C1`, or `name` for those that have one; repeated ones must all hold.
                 * @example [
                 *       "name==C1"
                 *     ]
                 */
                property?: string[];
                /**
                 * @description Where the page begins: `_page.next` of the page before.
                 * @example 0
                 */
                start?: string;
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the policies that match. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyPage"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    policies_get_core: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The policy's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The policy. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShownPolicy"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    policies_list_custom: {
        parameters: {
            query?: {
                /**
                 * @description Labels, with commas between them: policies whose condition names any of them.
                 * @example C1,C3
                 */
                duleLabels?: string;
                /**
                 * @description Objects of a page, 1 to 100; 100 without it.
                 * @example 100
                 */
                limit?: number;
                /**
                 * @description A marketing action's name or address: policies that deny it.
                 * @example emailTargeting
                 */
                marketingAction?: string;
                /**
                 * @description The members to order by, with commas between them, and `-` before one for the other direction. Without it core
                 *     objects come in their own order, and custom ones the oldest first.
                 * @example -updated,name
                 */
                orderby?: string;
                /**
                 * @description A filter such as `name==C1`, or `name` for those that have one; repeated ones must all hold.
                 * @example [
                 *       "name==C1"
                 *     ]
                 */
                property?: string[];
                /**
                 * @description Where the page begins: `_page.next` of the page before.
                 * @example 0
                 */
                start?: string;
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the policies that match. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyPage"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    policies_create: {
        parameters: {
            query?: {
                /**
                 * @description What becomes of it where enabled flows would violate a policy afterwards: `refuse`, as without it, answers 409 with
                 *     `violations` and saves nothing; `pause` saves it, pauses those flows, and names them in `pausedFlows`.
                 * @example refuse
                 */
                onViolation?: string;
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Policy"];
            };
        };
        responses: {
            /** @description The policy is saved. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomPolicy"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Flows would violate it; `violations` says which and why. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    policies_get_custom: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The policy's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The policy. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomPolicy"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    policies_put: {
        parameters: {
            query?: {
                /**
                 * @description What becomes of it where enabled flows would violate a policy afterwards: `refuse`, as without it, answers 409 with
                 *     `violations` and saves nothing; `pause` saves it, pauses those flows, and names them in `pausedFlows`.
                 * @example refuse
                 */
                onViolation?: string;
            };
            header?: {
                /** @description The etag that was read; without it, whatever it is now. */
                "If-Match"?: string | null;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The policy's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Policy"];
            };
        };
        responses: {
            /** @description The policy is changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomPolicy"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Flows would violate it; `violations` says which and why. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    policies_delete: {
        parameters: {
            query?: never;
            header?: {
                /** @description The etag that was read; without it, whatever it is now. */
                "If-Match"?: string | null;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The policy's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    policies_patch: {
        parameters: {
            query?: {
                /**
                 * @description What becomes of it where enabled flows would violate a policy afterwards: `refuse`, as without it, answers 409 with
                 *     `violations` and saves nothing; `pause` saves it, pauses those flows, and names them in `pausedFlows`.
                 * @example refuse
                 */
                onViolation?: string;
            };
            header?: {
                /** @description The etag that was read; without it, whatever it is now. */
                "If-Match"?: string | null;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The policy's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example [
                 *       {
                 *         "op": "replace",
                 *         "path": "/status",
                 *         "value": "ENABLED"
                 *       }
                 *     ]
                 */
                "application/json": components["schemas"]["PatchOperationBody"][];
            };
        };
        responses: {
            /** @description The policy is changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomPolicy"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Flows would violate it; `violations` says which and why. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    connections_list: {
        parameters: {
            query?: {
                /** @description Where the page begins: from the `_links.next.href` of the page before, which needs no other parameter. */
                continuationToken?: string;
                /**
                 * @description Whether to count all items that match. Where filters decide on more than 20,000 objects, those that match among
                 *     the first 20,000 are counted, and `countIsPartial` says so.
                 * @example false
                 */
                count?: boolean;
                /**
                 * @description Items of a page, 1 to 100.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description The member to order by, with `-` before it for the other direction. Without it the newest comes first.
                 * @example -createdAt
                 */
                orderby?: string;
                /**
                 * @description A filter such as `name==Loyal customers`, `state==enabled,disabled` or `lastRunDetails.startedAtUTC>=1670880253121`:
                 *     a dotted path, `[]` for any element of a list, `==`, `>`, `>=`, `<` or `<=`, and a value or several with commas,
                 *     which means any of them. Repeated filters must all hold.
                 * @example [
                 *       "state==enabled"
                 *     ]
                 */
                property?: string[];
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the accounts that match. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Connections"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    connections_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Connection"];
            };
        };
        responses: {
            /** @description The account is saved. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Probed"];
                    "text/event-stream": unknown;
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    connections_get: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The account's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account, as a list of one. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Connections"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    connections_delete: {
        parameters: {
            query?: never;
            header?: {
                /** @description The etag that was read; without it, whatever it is now. */
                "If-Match"?: string | null;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The account's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Flows use it; the answer names them. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    connections_patch: {
        parameters: {
            query?: never;
            header: {
                /** @description The etag that was read, with or without its quotes, or `*`. */
                "If-Match": string;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The account's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example [
                 *       {
                 *         "op": "replace",
                 *         "path": "/name",
                 *         "value": "Exports"
                 *       }
                 *     ]
                 */
                "application/json": components["schemas"]["PatchOperationBody"][];
            };
        };
        responses: {
            /** @description The account is changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Probed"];
                    "text/event-stream": unknown;
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description If-Match is missing. */
            428: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    connections_compare: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The account's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Connection"];
            };
        };
        responses: {
            /** @description What differs. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Comparison"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Too many wrong secrets; `Retry-After` says when the next may be tried. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    connections_test: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The account's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The credentials work. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TestResult"];
                    "text/event-stream": unknown;
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    connection_specs_list: {
        parameters: {
            query?: {
                /** @description Where the page begins: from the `_links.next.href` of the page before, which needs no other parameter. */
                continuationToken?: string;
                /**
                 * @description Whether to count all items that match. Where filters decide on more than 20,000 objects, those that match among
                 *     the first 20,000 are counted, and `countIsPartial` says so.
                 * @example false
                 */
                count?: boolean;
                /**
                 * @description Items of a page, 1 to 100.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description The member to order by, with `-` before it for the other direction. Without it the newest comes first.
                 * @example -createdAt
                 */
                orderby?: string;
                /**
                 * @description A filter such as `name==Loyal customers`, `state==enabled,disabled` or `lastRunDetails.startedAtUTC>=1670880253121`:
                 *     a dotted path, `[]` for any element of a list, `==`, `>`, `>=`, `<` or `<=`, and a value or several with commas,
                 *     which means any of them. Repeated filters must all hold.
                 * @example [
                 *       "state==enabled"
                 *     ]
                 */
                property?: string[];
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The kinds that match. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionSpecs"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    connection_specs_get: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The kind's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The kind, as a list of one. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionSpecs"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    flows_list: {
        parameters: {
            query?: {
                /** @description Where the page begins: from the `_links.next.href` of the page before, which needs no other parameter. */
                continuationToken?: string;
                /**
                 * @description Whether to count all items that match. Where filters decide on more than 20,000 objects, those that match among
                 *     the first 20,000 are counted, and `countIsPartial` says so.
                 * @example false
                 */
                count?: boolean;
                /**
                 * @description Items of a page, 1 to 100.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description The member to order by, with `-` before it for the other direction. Without it the newest comes first.
                 * @example -createdAt
                 */
                orderby?: string;
                /**
                 * @description A filter such as `name==Loyal customers`, `state==enabled,disabled` or `lastRunDetails.startedAtUTC>=1670880253121`:
                 *     a dotted path, `[]` for any element of a list, `==`, `>`, `>=`, `<` or `<=`, and a value or several with commas,
                 *     which means any of them. Repeated filters must all hold.
                 * @example [
                 *       "state==enabled"
                 *     ]
                 */
                property?: string[];
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the flows that match. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Flows"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    flows_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Flow"];
            };
        };
        responses: {
            /** @description The flow is saved. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedFlow"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It violates policies: `violations` says which, why, and what would resolve it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    flows_get: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The flow's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The flow, as a list of one. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Flows"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    flows_delete: {
        parameters: {
            query?: never;
            header?: {
                /** @description The etag that was read; without it, whatever it is now. */
                "If-Match"?: string | null;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The flow's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    flows_patch: {
        parameters: {
            query?: never;
            header: {
                /** @description The etag that was read, with or without its quotes, or `*`. */
                "If-Match": string;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The flow's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example [
                 *       {
                 *         "op": "add",
                 *         "path": "/transformations/0/params/profileSelectors/selectors/-",
                 *         "value": {
                 *           "type": "JSON_PATH",
                 *           "value": {
                 *             "path": "person.name.firstName",
                 *             "operator": "EXISTS"
                 *           }
                 *         }
                 *       }
                 *     ]
                 */
                "application/json": components["schemas"]["PatchOperationBody"][];
            };
        };
        responses: {
            /** @description The flow is changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedFlow"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It would violate policies: `violations` says which, why, and what would resolve it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description If-Match is missing. */
            428: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    flows_action: {
        parameters: {
            query: {
                /** @description `enable` or `disable`, in any case. */
                op: string;
            };
            header?: {
                /** @description The etag that was read; without it, whatever it is now. */
                "If-Match"?: string | null;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The flow's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The flow is in that state. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedFlow"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It violates policies: `violations` says which, why, and what would resolve it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    flows_letters: {
        parameters: {
            query?: {
                /** @description Messages of a page, 1 to 100; 20 without it. */
                limit?: number;
                /** @description Where the page begins: from the `_links.next.href` of the page before. */
                start?: string;
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The flow's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the messages. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Letters"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The flow delivers files. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    flows_redeliver: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The flow's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "eventIds": [
                 *         "0f5c61ad7b1f4d0e9a0c3a52c1f0b9d4"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["RedeliverRequest"] | null;
            };
        };
        responses: {
            /** @description The profiles wait to be sent. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Redelivery"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The flow delivers files, is disabled, or has no refused messages. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    flows_message_schema: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The flow's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The schema. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageSchema"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The flow delivers files, or there are no such profiles yet. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    flows_check: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Flow"];
            };
        };
        responses: {
            /** @description What policies say. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyCheck"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    flows_rows_preview: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RowsPreviewRequest"];
            };
        };
        responses: {
            /** @description The first rows or messages. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RowsPreview"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The flow violates policies, or what would be shown of it does: `violations` says which, why, and what would resolve it. Or there are no profiles yet. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It could not be looked up in time. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    flows_preview: {
        parameters: {
            query?: {
                /** @description Those of the flow's segments to look at, 10 at most; the first 10 without it. */
                segmentId?: string[];
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Flow"];
            };
        };
        responses: {
            /** @description Who would be withheld. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WithheldPreview"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description None of the segments was evaluated yet. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It could not be counted in time. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    flow_specs_list: {
        parameters: {
            query?: {
                /** @description Where the page begins: from the `_links.next.href` of the page before, which needs no other parameter. */
                continuationToken?: string;
                /**
                 * @description Whether to count all items that match. Where filters decide on more than 20,000 objects, those that match among
                 *     the first 20,000 are counted, and `countIsPartial` says so.
                 * @example false
                 */
                count?: boolean;
                /**
                 * @description Items of a page, 1 to 100.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description The member to order by, with `-` before it for the other direction. Without it the newest comes first.
                 * @example -createdAt
                 */
                orderby?: string;
                /**
                 * @description A filter such as `name==Loyal customers`, `state==enabled,disabled` or `lastRunDetails.startedAtUTC>=1670880253121`:
                 *     a dotted path, `[]` for any element of a list, `==`, `>`, `>=`, `<` or `<=`, and a value or several with commas,
                 *     which means any of them. Repeated filters must all hold.
                 * @example [
                 *       "state==enabled"
                 *     ]
                 */
                property?: string[];
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The specs that match. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlowSpecs"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    flow_specs_get: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The spec's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The spec, as a list of one. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlowSpecs"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    runs_list: {
        parameters: {
            query?: {
                /** @description Where the page begins: from the `_links.next.href` of the page before, which needs no other parameter. */
                continuationToken?: string;
                /**
                 * @description Whether to count all items that match. Where filters decide on more than 20,000 objects, those that match among
                 *     the first 20,000 are counted, and `countIsPartial` says so.
                 * @example false
                 */
                count?: boolean;
                /**
                 * @description Items of a page, 1 to 100.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description The member to order by, with `-` before it for the other direction. Without it the newest comes first.
                 * @example -createdAt
                 */
                orderby?: string;
                /**
                 * @description A filter such as `name==Loyal customers`, `state==enabled,disabled` or `lastRunDetails.startedAtUTC>=1670880253121`:
                 *     a dotted path, `[]` for any element of a list, `==`, `>`, `>=`, `<` or `<=`, and a value or several with commas,
                 *     which means any of them. Repeated filters must all hold.
                 * @example [
                 *       "state==enabled"
                 *     ]
                 */
                property?: string[];
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the runs that match. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Runs"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    runs_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RunRequest"];
            };
        };
        responses: {
            /** @description The runs wait. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StartedRuns"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The flow is disabled, or a run is going on. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    runs_get: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The run's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The run, as a list of one. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Runs"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    runs_action: {
        parameters: {
            query: {
                /** @description `cancel`, `retry` or `RE_TRIGGER`, in any case. */
                op: string;
            };
            header?: {
                /** @description The etag that was read; without it, whatever it is now. */
                "If-Match"?: string | null;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The run's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The run is cancelled, is about to stop, or waits. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Created"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The run's state does not allow it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    runs_files: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The run's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The files that were delivered; none before the run is a success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunFiles"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    runs_progress: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The run's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events until the run has ended: `progress` now and then, `end` last, each with an object. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": unknown;
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    runs_verify: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The run's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job waits or begins. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Created"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The run has delivered nothing, or messages, which cannot be read back. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    source_connections_list: {
        parameters: {
            query?: {
                /** @description Where the page begins: from the `_links.next.href` of the page before, which needs no other parameter. */
                continuationToken?: string;
                /**
                 * @description Whether to count all items that match. Where filters decide on more than 20,000 objects, those that match among
                 *     the first 20,000 are counted, and `countIsPartial` says so.
                 * @example false
                 */
                count?: boolean;
                /**
                 * @description Items of a page, 1 to 100.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description The member to order by, with `-` before it for the other direction. Without it the newest comes first.
                 * @example -createdAt
                 */
                orderby?: string;
                /**
                 * @description A filter such as `name==Loyal customers`, `state==enabled,disabled` or `lastRunDetails.startedAtUTC>=1670880253121`:
                 *     a dotted path, `[]` for any element of a list, `==`, `>`, `>=`, `<` or `<=`, and a value or several with commas,
                 *     which means any of them. Repeated filters must all hold.
                 * @example [
                 *       "state==enabled"
                 *     ]
                 */
                property?: string[];
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the sources that match. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SourceConnections"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    source_connections_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SourceConnection"];
            };
        };
        responses: {
            /** @description The source is saved. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Created"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    source_connections_get: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The source's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The source, as a list of one. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SourceConnections"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    source_connections_delete: {
        parameters: {
            query?: never;
            header?: {
                /** @description The etag that was read; without it, whatever it is now. */
                "If-Match"?: string | null;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The source's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description A flow reads from it; the answer names it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    source_connections_patch: {
        parameters: {
            query?: never;
            header: {
                /** @description The etag that was read, with or without its quotes, or `*`. */
                "If-Match": string;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The source's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example [
                 *       {
                 *         "op": "replace",
                 *         "path": "/name",
                 *         "value": "All profiles"
                 *       }
                 *     ]
                 */
                "application/json": components["schemas"]["PatchOperationBody"][];
            };
        };
        responses: {
            /** @description The source is changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Created"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description If-Match is missing. */
            428: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    target_connections_list: {
        parameters: {
            query?: {
                /** @description Where the page begins: from the `_links.next.href` of the page before, which needs no other parameter. */
                continuationToken?: string;
                /**
                 * @description Whether to count all items that match. Where filters decide on more than 20,000 objects, those that match among
                 *     the first 20,000 are counted, and `countIsPartial` says so.
                 * @example false
                 */
                count?: boolean;
                /**
                 * @description Items of a page, 1 to 100.
                 * @example 20
                 */
                limit?: number;
                /**
                 * @description The member to order by, with `-` before it for the other direction. Without it the newest comes first.
                 * @example -createdAt
                 */
                orderby?: string;
                /**
                 * @description A filter such as `name==Loyal customers`, `state==enabled,disabled` or `lastRunDetails.startedAtUTC>=1670880253121`:
                 *     a dotted path, `[]` for any element of a list, `==`, `>`, `>=`, `<` or `<=`, and a value or several with commas,
                 *     which means any of them. Repeated filters must all hold.
                 * @example [
                 *       "state==enabled"
                 *     ]
                 */
                property?: string[];
            };
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the targets that match. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TargetConnections"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    target_connections_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TargetConnection"];
            };
        };
        responses: {
            /** @description The target is saved. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Probed"];
                    "text/event-stream": unknown;
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    target_connections_get: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The target's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The target, as a list of one. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TargetConnections"];
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    target_connections_delete: {
        parameters: {
            query?: never;
            header?: {
                /** @description The etag that was read; without it, whatever it is now. */
                "If-Match"?: string | null;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The target's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description A flow delivers to it; the answer names it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    target_connections_patch: {
        parameters: {
            query?: {
                /**
                 * @description What becomes of it where enabled flows would violate a policy afterwards: `refuse`, as without it, answers 409 with
                 *     `violations` and saves nothing; `pause` saves it, pauses those flows, and names them in `pausedFlows`.
                 * @example refuse
                 */
                onViolation?: string;
            };
            header: {
                /** @description The etag that was read, with or without its quotes, or `*`. */
                "If-Match": string;
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The target's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example [
                 *       {
                 *         "op": "add",
                 *         "path": "/params/compression",
                 *         "value": "GZIP"
                 *       }
                 *     ]
                 */
                "application/json": components["schemas"]["PatchOperationBody"][];
            };
        };
        responses: {
            /** @description The target is changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Probed"];
                    "text/event-stream": unknown;
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Flows would violate policies: `violations` says which, why, and what would resolve it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has changed since. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description If-Match is missing. */
            428: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    target_connections_test: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path: {
                /** @description The target's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A delivery would work. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TestResult"];
                    "text/event-stream": unknown;
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `write`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is no such object in the sandbox. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    health_live: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It lives. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    tokens_revoke: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-www-form-urlencoded": components["schemas"]["RevokeRequest"];
            };
        };
        responses: {
            /** @description The token is not valid any more. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    tokens_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-www-form-urlencoded": components["schemas"]["TokenRequest"];
            };
        };
        responses: {
            /** @description The token. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Token"];
                };
            };
            /** @description The form is wrong, or the client has none of the scopes. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The client is unknown or its secret is wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    health_metrics: {
        parameters: {
            query?: never;
            header?: {
                /** @description Accepted and not looked at. */
                "x-api-key"?: string;
                /** @description Accepted and not looked at. */
                "x-gw-ims-org-id"?: string;
                /** @description The sandbox that the request is about; `prod` without it. */
                "x-sandbox-name"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The metrics. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description The request is wrong: every problem by field. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The token is missing, lacks the scope `read`, or its client may not use the sandbox. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    health_openapi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description This document. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "openapi": "3.1.0"
                     *     }
                     */
                    "application/json": unknown;
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    health_ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It can. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description It cannot at the moment. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The server could not complete the request; nothing was changed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
}
