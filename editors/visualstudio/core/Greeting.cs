// `initialize`: what this side can do, and whether both speak the same version.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using Nextline.Protocol;

namespace Nextline.Core
{
    using Map = Dictionary<string, object>;

    internal static class Greeting
    {
        /// <summary>The params of <c>initialize</c>.</summary>
        internal static Map Of(IEditor editor, VersionOffer offer)
        {
            var folders = new List<object>();
            foreach (var folder in editor.Folders())
            {
                folders.Add(new Map { { "uri", UriOf(folder) }, { "name", Path.GetFileName(folder.TrimEnd('/', '\\')) } });
            }
            return new Map
            {
                { "processId", Process.GetCurrentProcess().Id },
                { "clientInfo", new Map { { "name", "nextline-visualstudio" } } },
                { "rootUri", folders.Count > 0 ? ((Map)folders[0])["uri"] : null },
                { "workspaceFolders", folders },
                { "initializationOptions", editor.Settings() },
                { "capabilities", Capabilities(offer) },
            };
        }

        /// <summary>Which of the two to update, in one sentence; null when they agree.</summary>
        internal static string Trouble(object answer)
        {
            var said = Read.Member(Read.Member(Read.Member(answer, "capabilities"), "experimental"), "nextline");
            return said == null ? "the agent is older than this extension: update the agent" : VersionAnswer.From(said).Message;
        }

        /// <summary>A path as the agent names it.</summary>
        internal static string UriOf(string path)
        {
            return new Uri(path).AbsoluteUri;
        }

        private static Map Capabilities(VersionOffer offer)
        {
            var edits = new Map { { "documentChanges", true }, { "resourceOperations", new[] { "create" } } };
            return new Map
            {
                { "general", new Map { { "positionEncodings", new[] { "utf-16" } } } },
                { "workspace", new Map { { "workspaceFolders", true }, { "configuration", true }, { "applyEdit", true }, { "workspaceEdit", edits } } },
                { "window", new Map { { "showMessage", new Map() } } },
                { "textDocument", new Map { { "synchronization", new Map { { "didSave", true } } }, { "inlineCompletion", new Map() } } },
                { "experimental", new Map { { "nextline", offer.Json() } } },
            };
        }
    }
}
