// The next edit by one key: jumped to, then taken, and on to the one after it. What follows from what was done is the agent's.
using System.Collections.Generic;
using System.Threading.Tasks;
using Nextline.Protocol;

namespace Nextline.Core
{
    /// <summary>The next edits of the editor.</summary>
    public sealed class NextEdits
    {
        private readonly Agent agent;
        private readonly IEditor editor;
        private volatile SuggestedEdit shown;

        /// <summary>Over an agent.</summary>
        public NextEdits(Agent agent, IEditor editor)
        {
            this.agent = agent;
            this.editor = editor;
        }

        /// <summary>
        /// The key was pressed with the cursor at a place. Answers the edit to whose beginning the cursor shall go; null when the last one
        /// was made, or when there is none, which was said.
        /// </summary>
        public async Task<SuggestedEdit> Go(string uri, Position at, List<Diagnostic> found)
        {
            var edit = shown;
            shown = null;
            var here = edit != null && edit.TextDocument.Uri == uri && edit.Range.Start.Line == at.Line && edit.Range.Start.Character == at.Character
                && edit.TextDocument.Version == agent.Documents.Look(uri, document => (long?)document.Version);
            if (here)
            {
                var refused = await editor.Apply(new[] { FileChange.Of(edit) }).ConfigureAwait(false);
                if (refused != null)
                {
                    editor.Say(refused);
                    return null;
                }
                await agent.Execute(edit.Command.CommandValue, edit.Command.Arguments.ToArray()).ConfigureAwait(false);
            }
            var given = new EditSuggestParams { TextDocument = new Identifier { Uri = uri }, Position = at, Diagnostics = found, Invoked = true, Others = true };
            var result = EditSuggestResult.From(await agent.Request(Methods.EditSuggest, given.Json()).ConfigureAwait(false));
            if (result.Edits.Count == 0)
            {
                if (!here)
                {
                    editor.Say(result.Detail);
                }
                return null;
            }
            shown = result.Edits[0];
            agent.Notify(Lsp.DidShowInlineEdit, new DidShowInlineEditParams { Item = shown }.Json());
            return shown;
        }
    }
}
